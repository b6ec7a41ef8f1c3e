"""What git knows of a file: the top of its repository, and its content in another commit. Git itself is asked."""

import re
import subprocess
from pathlib import Path
from typing import Final

from harness_cli.core.errors import UsageError

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@{}~^-]{0,199}", re.ASCII)  # never an option of git
_SECONDS: Final = 20


def top_of(folder: Path) -> Path:
    """The top folder of the repository around a folder. Raises UsageError where there is none."""
    return Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip()).resolve()


def content_at(folder: Path, reference: str, relative: Path) -> bytes:
    """A file, named from the top of the repository, as it is in another commit. Raises UsageError."""
    if _REFERENCE.fullmatch(reference) is None:
        raise UsageError(f"{reference[:80]!a} is not a reference of git", help="name a branch, a tag or a commit")
    return _git(folder, "show", f"{reference}:{relative.as_posix()}")


def remote_of(folder: Path) -> str:
    """The address that `origin` has; "" where it has none. Raises UsageError where there is no repository."""
    return _git(folder, "config", "--default", "", "--get", "remote.origin.url").decode("utf-8", "replace").strip()


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the reference is checked, the path is git's own
            ["git", *words],  # noqa: S607 - git is found as the user's shell finds it
            cwd=folder.resolve(),
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as err:
        said = getattr(err, "stderr", b"") or b""
        reason = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [type(err).__name__]
        raise UsageError(f"git: {reason[0]}", help="name a commit that has this file") from err
    return done.stdout
