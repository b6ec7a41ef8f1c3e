"""Importing the package costs next to nothing."""

import subprocess
import sys


def test_importing_the_sandbox_loads_no_sdk() -> None:
    heavy = ["moto", "flask", "werkzeug", "boto3", "botocore", "yaml", "jwt", "cryptography", "requests", "github"]
    code = f"import sys, harness_cli.sandbox; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
