"""Fixtures that every test may use."""

import os
import secrets
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# a shell starts background jobs with SIGINT ignored, and children inherit that: the tests that send one would wait for
# programs that are right not to hear it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def faker_token() -> str:
    """A token that was never written down."""
    return "t" + secrets.token_urlsafe(24)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test sets; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("HARNESS_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the public test sets (shared/data) are not beside this checkout")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a home of its own: no key, login or setting of this machine is read or changed."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("HARNESS_", "AWS_", "XDG_", "ACTIONS_", "GITHUB_")) and name != "HARNESS_SHARED":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm")
    return home
