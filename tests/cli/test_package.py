"""The built wheel, installed into an environment of its own: nothing of the checkout may be needed."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A bare environment with the wheel; the libraries are those of the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "python"


def run(python: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python), "-m", "harness_cli", *args]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_holds_schemas_and_estate_and_nothing_of_the_workshop(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"harness_cli/schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")} <= set(names)
    assert "harness_cli/sandbox/estate.yaml" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"harness_cli", "harness_review"}


def test_the_installed_program_is_the_wheel_and_not_the_checkout(installed, tmp_path):
    code = "import harness_cli, sys; sys.stdout.write(harness_cli.__file__)"
    done = subprocess.run([str(installed), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(ROOT) not in done.stdout


def test_a_review_runs_from_the_wheel(installed, tmp_path):
    ran = run(installed, "run", "--sandbox", "--env", "dev", "--ticket", "SEC-12", "--format", "json", cwd=tmp_path)
    assert ran.returncode == 10, ran.stderr
    report = json.loads(ran.stdout)
    assert (report["verdict"], report["subject"]["ticket"]) == ("BLOCK", "SEC-12")


def test_init_and_validate_run_from_the_wheel(installed, tmp_path):
    made = run(installed, "init", "--no-input", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert run(installed, "validate-config", "--strict", cwd=tmp_path).returncode == 0
