"""The policy of a file against the one of another commit: what can now be read, by whom, that could not before."""

from pathlib import Path
from tempfile import TemporaryDirectory

from harness_cli.config.git import content_at, top_of
from harness_cli.config.model import Config
from harness_cli.config.read import read_document
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.accept import load_accepted
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.diff import Difference, differences


def policy_difference(path: Path, ref: str) -> tuple[Difference, ...]:
    """The semantic difference since `ref`.

    Raises: UsageError for a reference or file that git does not know, ConfigError where either side is refused.
    """
    now = load_accepted(path)
    with TemporaryDirectory() as folder:
        before = _before(path, ref, Path(folder))
        return differences(compile_policy(before), compile_policy(now))


def _before(path: Path, ref: str, folder: Path) -> Config:
    """The configuration as it was, with the layers that it named then."""
    Path(folder, ".git").touch()  # the top of the copy: layers may lie above the file
    relative = path.resolve().relative_to(top_of(path.parent))
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
    copy.write_bytes(content_at(cwd, ref, relative)[: CONFIG_BYTES + 1])
    return copy
