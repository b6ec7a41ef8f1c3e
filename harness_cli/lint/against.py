"""The policy of a file against the one of another commit: what can now be read, by whom, that could not before."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from harness_cli.config.model import Config
from harness_cli.config.read import read_document
from harness_cli.core.errors import UsageError
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.accept import load_accepted
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.diff import differences, markdown

_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@{}~^-]{0,199}", re.ASCII)  # never an option of git
_SECONDS: Final = 20


def policy_difference(path: Path, ref: str) -> str:
    """The semantic difference since `ref`, in Markdown, ready for a comment on a pull request.

    Raises: UsageError for a reference or file that git does not know, ConfigError where either side is refused.
    """
    if _REF.fullmatch(ref) is None:
        raise UsageError(f"`{ref[:80]}` is not a reference of git", help="name a branch, a tag or a commit")
    now = load_accepted(path)
    with TemporaryDirectory() as folder:
        before = _before(path, ref, Path(folder))
        return markdown(differences(compile_policy(before), compile_policy(now)))


def _before(path: Path, ref: str, folder: Path) -> Config:
    """The configuration as it was, with the layers that it named then."""
    Path(folder, ".git").touch()  # the top of the copy: layers may lie above the file
    top = Path(_git(path.parent, "rev-parse", "--show-toplevel").decode().strip())
    relative = path.resolve().relative_to(top.resolve())
    copy = _copied(path.parent, ref, relative, folder)
    document = read_document(copy)
    for index in range(len(getattr(document.node("extends"), "items", ()))):
        name = getattr(document.node("extends", index, "file"), "value", None)
        target = (copy.parent / str(name)).resolve()
        if isinstance(name, str) and target.is_relative_to(folder.resolve()):
            _copied(path.parent, ref, target.relative_to(folder.resolve()), folder)
    return load_accepted(copy)


def _copied(cwd: Path, ref: str, relative: Path, folder: Path) -> Path:
    copy = folder / relative
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(_git(cwd, "show", f"{ref}:{relative.as_posix()}")[: CONFIG_BYTES + 1])
    return copy


def _git(cwd: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the reference is checked, the path is git's own
            ["git", *words],  # noqa: S607 - git is found as the user's shell finds it
            cwd=cwd.resolve(),
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as err:
        said = getattr(err, "stderr", b"") or b""
        reason = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [type(err).__name__]
        raise UsageError(f"git: {reason[0]}", help="name a commit that has this file") from err
    return done.stdout
