"""The second verifier, loaded from its file as a stranger would."""

import contextlib
import importlib.util
import io
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "verify_audit.py"


def load():
    spec = importlib.util.spec_from_file_location("second_verifier", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECOND = load()


def second_verdict(folder: Path, vkey: str, since: Path | None = None) -> int:
    """The exit code of the second verifier."""
    SECOND.found.clear()
    with contextlib.redirect_stdout(io.StringIO()):
        return SECOND._main(folder, vkey, since)


def run_as_a_stranger(*words: str) -> subprocess.CompletedProcess[str]:
    """The script as an auditor starts it."""
    return subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False)
