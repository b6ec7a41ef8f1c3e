"""The only place that decides about terminals: colour, width, whether somebody watches."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harness_cli.core.errors import UsageError
from harness_cli.files import write_private
from harness_cli.streams import write_stdout

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_WIDTH = 100
NARROWEST, WIDEST = 40, 200


def is_interactive(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person watches: a terminal that can move its cursor, outside CI."""
    watched = sys.stderr if stream is None else stream
    return watched.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


def has_color(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream takes colour (no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def width_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> int:
    """Columns to write: COLUMNS, else the terminal's, else 100."""
    text = environ.get("COLUMNS", "")
    if text.isascii() and text.isdigit() and int(text):
        return min(max(int(text), NARROWEST), WIDEST)
    try:
        return min(max(os.get_terminal_size(stream.fileno()).columns, NARROWEST), WIDEST)
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def stderr_width_and_color() -> tuple[int, bool]:
    """How diagnostics are to be drawn on stderr."""
    return width_of(sys.stderr), has_color(sys.stderr)


def console_on(stream: TextIO, width: int | None = None) -> "Console":
    """A rich console on a stream; markup, emoji and highlighting are off: text is shown as it is."""
    from rich.console import Console

    color = has_color(stream)
    return Console(
        file=stream,
        width=width or width_of(stream),
        force_terminal=color,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
        legacy_windows=False,
    )


def write_document(content: str | bytes, output: Path | None = None) -> None:
    """The document that was asked for: to stdout as bytes, or to a file, whole or not at all. Raises HarnessError."""
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if output is not None:
        _write_file(output, data)
        return
    write_stdout(data)


def _write_file(path: Path, data: bytes) -> None:
    try:
        if path.exists() and not path.is_file():  # /dev/null, a pipe of the shell: nothing there may be replaced
            path.write_bytes(data)
            return
        target = path.resolve()
        if not target.parent.is_dir():  # a folder that was mistyped is not made
            raise UsageError(f"cannot write {path} (no such folder)", help="check the folder of --output")
        write_private(target, data)
    except OSError as err:
        raise UsageError(f"cannot write {path} ({err.strerror})", help="check the folder of --output") from err
