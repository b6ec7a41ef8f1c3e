"""What a watcher sees of a run."""

import io
from collections.abc import Iterator

import pytest

from harness_cli.render.progress import LineProgress, LiveProgress, Progress, SilentProgress, choose_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticks() -> Iterator[float]:
    at = 0.0
    while True:
        yield at
        at += 0.5


def a_step(progress: Progress, name: str = "read ticket") -> None:
    progress.step_started(name, 2)
    progress.step_advanced(name, "OPS-1")
    progress.step_advanced(name)
    progress.step_finished(name, "ok")
    progress.close()


def test_a_pipe_gets_one_line_a_step() -> None:
    stream, clock = io.StringIO(), ticks()
    a_step(LineProgress(stream, lambda: next(clock)))
    assert stream.getvalue() == "read ticket: ok (2, 0.5 s)\n"


def test_side_by_side_steps_keep_their_own_times() -> None:
    stream, clock = io.StringIO(), ticks()
    progress = LineProgress(stream, lambda: next(clock))
    for name in ("a", "b"):
        progress.step_started(name)
    for name in ("a", "b"):
        progress.step_finished(name)
    assert stream.getvalue() == "a: ok (1.0 s)\nb: ok (1.0 s)\n"


def test_a_hostile_label_is_cleaned_and_capped() -> None:
    stream = io.StringIO()
    LineProgress(stream, lambda: 0.0).step_finished("\x1b[2J" + "x" * 500, "fa\niled")
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
    assert len(stream.getvalue()) < 100


def test_silence_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    a_step(SilentProgress())
    assert capsys.readouterr() == ("", "")


def test_a_terminal_keeps_a_line_for_each_ended_step() -> None:
    stream, clock = Terminal(), ticks()
    a_step(LiveProgress(stream, lambda: next(clock)))
    assert "read ticket: ok (2, 0.5 s)" in stream.getvalue()
    assert "\x1b[?25h" in stream.getvalue()  # the cursor is back


def test_live_labels_are_never_markup_or_escapes() -> None:
    stream = Terminal()
    progress = LiveProgress(stream, lambda: 0.0)
    a_step(progress, "[link=http://127.0.0.1]x[/link]\x1b]0;title\x07 {0}")
    progress.close()
    assert "[link=http://127.0.0.1]x[/link]" in stream.getvalue()
    assert "\x1b]0;" not in stream.getvalue()


def test_an_unknown_step_is_no_crash() -> None:
    progress = LiveProgress(Terminal(), lambda: 0.0)
    progress.step_advanced("never started")
    progress.step_finished("never started", "failed")
    progress.close()


def test_who_watches_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_progress(quiet=True, stream=Terminal()), SilentProgress)
    assert isinstance(choose_progress(stream=io.StringIO()), LineProgress)
    live = choose_progress(stream=Terminal())
    assert isinstance(live, LiveProgress)
    live.close()
    monkeypatch.setenv("CI", "1")
    assert isinstance(choose_progress(stream=Terminal()), LineProgress)
