"""Which configuration and which folder a command works on; the same answer for every command."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness_cli.config.discover import find_config
from harness_cli.config.model import Config
from harness_cli.core.errors import ConfigError
from harness_cli.runtime.paths import ProjectPaths, paths_in, paths_of

if TYPE_CHECKING:
    from harness_cli.sandbox.stack import SandboxStack


@dataclass(frozen=True, slots=True)
class Project:
    """A configuration, its folders, and the stand-ins where they are used."""

    config: Config
    paths: ProjectPaths
    sandbox: "SandboxStack | None" = None


def open_project(option: Path | None, environ: Mapping[str, str] = os.environ) -> Project:
    """The project of the configuration that is named or found. Raises ConfigError."""
    from harness_cli.lint.accept import load_accepted

    path = find_config(option, environ, Path.cwd())
    if path is None:
        raise ConfigError(
            "no configuration found",
            code="H000",
            help="write one with `harness init`, name one with --config, or try `harness run --sandbox`",
        )
    config = load_accepted(path)
    return Project(config, paths_of(config, config.folder))


def project_paths(option: Path | None, environ: Mapping[str, str] = os.environ) -> ProjectPaths:
    """The folders only, for commands that read trails: no configuration is needed for the default ones.

    A configuration that is refused must not hide the trails: they are looked for where it says, as far as it can be
    read, and a line on stderr says so.
    """
    from harness_cli.config.load import load_config

    path = find_config(option, environ, Path.cwd())
    if path is None:
        return paths_of(None, Path.cwd())
    try:
        config = load_config(path)
    except ConfigError as err:
        from harness_cli.render.messages import say

        found = paths_in(path.parent, _named_directory(path))
        why = f"{err.message}; see `harness validate-config`"
        say(f"the configuration is refused ({why}): trails are read from {found.audit}")
        return found
    return paths_of(config, config.folder)


def _named_directory(path: Path) -> str:
    """What a configuration that is refused says of `audit.directory`; "" where nothing can be read, there or here."""
    from harness_cli.config.read import read_document
    from harness_cli.config.shape_words import shortened
    from harness_cli.render.messages import say

    try:
        named = getattr(read_document(path).node("audit", "directory"), "value", None)
    except ConfigError:
        return ""
    if not isinstance(named, str) or not named:
        return ""
    if _can_be_a_place(paths_in(path.parent, named).audit):
        return named
    say(f"`audit.directory` is no path: {shortened(named)}")
    return ""


def _can_be_a_place(folder: Path) -> bool:
    """Whether a text is a path at all. One that is missing stays what it is: other trails must not stand in for it."""
    try:
        folder.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return True
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def sandboxed(option: Path | None, estate: Path | None = None) -> Iterator[Project]:
    """The project of the current folder on the stand-ins, which live as long as this context.

    Without --config the stand-ins' own configuration is used; state is kept in `.harness/sandbox/`.
    """
    from harness_cli.files import write_private
    from harness_cli.lint.accept import load_accepted
    from harness_cli.sandbox.estate import load_estate
    from harness_cli.sandbox.print_config import working_configuration
    from harness_cli.sandbox.stack import SandboxStack

    folder = Path.cwd() / ".harness"
    shown = load_estate(estate)
    with SandboxStack.attach_or_start(folder, shown, wait=False) as stack:
        path = option
        if path is None:
            path = folder / "sandbox" / "agent-harness-config.yaml"
            write_private(path, working_configuration(stack.addresses, shown).encode())
        config = load_accepted(path)
        project = Path.cwd() if option is None else config.folder
        yield Project(config, paths_of(config, project), stack)
