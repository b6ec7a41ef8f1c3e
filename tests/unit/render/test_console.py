"""Who decides about colour, width and terminals."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from harness_cli.core.errors import UsageError
from harness_cli.render.console import (
    DEFAULT_WIDTH,
    NARROWEST,
    WIDEST,
    console_on,
    has_color,
    is_interactive,
    width_of,
    write_document,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_interactive_and_coloured() -> None:
    assert is_interactive(Terminal(), {"TERM": "xterm"})
    assert has_color(Terminal(), {"TERM": "xterm"})


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}])
def test_ci_and_dumb_terminals_are_not_interactive(environ: dict[str, str]) -> None:
    assert not is_interactive(Terminal(), environ)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_and_dumb_terminals_take_no_colour(environ: dict[str, str]) -> None:
    assert not has_color(Terminal(), environ)


def test_an_empty_no_color_does_not_count() -> None:
    assert has_color(Terminal(), {"NO_COLOR": ""})


def test_a_pipe_is_neither() -> None:
    assert not is_interactive(io.StringIO(), {})
    assert not has_color(io.StringIO(), {})


@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 120), ("1", NARROWEST), ("100000", WIDEST), ("0", DEFAULT_WIDTH), ("wide", DEFAULT_WIDTH), ("²", 100)],
)
def test_columns_decides_the_width_within_bounds(columns: str, width: int) -> None:
    assert width_of(io.StringIO(), {"COLUMNS": columns}) == width


def test_markup_in_text_is_printed_as_it_is() -> None:
    stream = io.StringIO()
    console_on(stream).print("[red]x[/red] :smile: [link=http://127.0.0.1]y[/link]")
    assert stream.getvalue() == "[red]x[/red] :smile: [link=http://127.0.0.1]y[/link]\n"


def test_no_color_takes_colour_from_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    console_on(stream).print("x", style="bold red")
    assert stream.getvalue() == "x\n"


def test_the_standard_consoles_write_to_their_streams(capsys: pytest.CaptureFixture[str]) -> None:
    console_on(sys.stdout).print("result")
    console_on(sys.stderr).print("rest")
    assert capsys.readouterr() == ("result\n", "rest\n")


def test_a_document_goes_to_stdout_as_bytes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_document("é\ud800\n")
    write_document(b"\xff")
    assert capsysbinary.readouterr().out == b"\xc3\xa9\\ud800\n\xff"


def test_a_document_in_a_file_is_whole_and_private(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write_document("new", target)
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["report.json"]
    assert capsys.readouterr() == ("", "")


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_document("through", pipe)
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("target", ["missing/report.json", "."])
def test_what_cannot_be_written_is_a_usage_error(tmp_path: Path, target: str) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        write_document("x", tmp_path / target)
    assert os.listdir(tmp_path) == []


def test_the_console_module_does_not_load_rich() -> None:
    import subprocess

    probe = "import sys, harness_cli.render.console, harness_cli.render.progress; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
