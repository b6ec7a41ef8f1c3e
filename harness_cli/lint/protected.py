"""A pull request cannot bring the policy under which it is reviewed (H082).

Where a job checked out the repository of the pull request under review, the configuration and its layers must be, to
the byte, those of the protected base: otherwise whoever wrote the pull request chose what is allowed. What lies outside
that repository is none of the author's and is left alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from harness_cli.config.git import content_at, remote_of, top_of
from harness_cli.config.layers import repository_of
from harness_cli.config.model import Config
from harness_cli.core.errors import ConfigError, UsageError


def refuse_policy_of_pull(config: Config, repository: str, base: str) -> None:
    """Check the policy's files against the commit `base` of `repository` (owner/name). Raises ConfigError (H082)."""
    if not (repository_of(config.folder) / ".git").exists():
        return
    try:
        if _is_checkout_of(config.folder, repository):
            _compare(config, base, top_of(config.folder))
    except UsageError as err:
        raise _refused(config.path.name, f"cannot be compared with the base ({err.message})") from err


def _compare(config: Config, base: str, top: Path) -> None:
    for path in _files(config):
        relative = path.resolve().relative_to(top)
        if path.read_bytes() != content_at(config.folder, base, relative):
            raise _refused(str(relative), "is changed by the pull request under review")


def _files(config: Config) -> Iterator[Path]:
    yield config.path
    yield from (config.folder / layer.path for layer in config.layers)


def _is_checkout_of(folder: Path, repository: str) -> bool:
    """Whether the folder is in a working tree of the repository; one without an origin is taken for it."""
    remote = remote_of(folder)
    named = re.search(r"[/:]([^/:]+/[^/]+?)(?:\.git)?/?$", remote)
    return not remote or named is None or named[1].lower() == repository.lower()


def _refused(name: str, why: str) -> ConfigError:
    return ConfigError(
        f"{name} {why}: the policy is read from the protected base only",
        code="H082",
        place=name,
        help="fetch the base (fetch-depth: 0), `git worktree add ../base BASE`, and run with --config from there",
    )
