import re

from harness_cli.core.diagnostic import Diagnostic, Severity, Span
from harness_cli.render.diagnostics import render_diagnostics


def shown(source: str, span: Span, *, width: int = 100, color: bool = False, **more: str) -> str:
    found = Diagnostic(more.pop("code", "H006"), Severity.ERROR, more.pop("message", "m"), "x.yaml", span, **more)
    return render_diagnostics([found], {"x.yaml": source}, width=width, color=color)


def test_carets_stand_under_what_is_meant() -> None:
    assert shown("  a: b\n", Span(1, 6, 1, 7), label="this", help="that") == (
        "error[H006]: m\n --> x.yaml:1:6\n  |\n1 |   a: b\n  |      ^ this\n  = help: that\n"
    )


def test_carets_follow_wide_and_hidden_characters() -> None:
    lines = shown("漢: \u202ex y\n", Span(1, 7, 1, 8)).splitlines()
    assert lines[3] == "1 | 漢: \\u{202e}x y"
    assert lines[4].index("^") - 4 == len("漢: \\u{202e}x ") + 1


def test_long_line_is_cut_around_the_carets() -> None:
    source = "a: " + "x" * 500 + "!" + "y" * 500
    for width in (60, 100):
        text = shown(source, Span(1, 504, 1, 505), width=width)
        assert all(len(line) <= width for line in text.splitlines())
        row, carets = text.splitlines()[3:5]
        assert row[carets.index("^")] == "!"


def test_message_and_help_are_wrapped() -> None:
    text = shown("a", Span(1, 1, 1, 2), width=60, message="word " * 40, help="word " * 40)
    assert all(len(line) <= 60 for line in text.splitlines())


def test_terminal_sequences_never_get_through() -> None:
    text = shown("a: \x1b[31mred", Span(1, 1, 1, 2), message="\x1b]0;title\x07", label="\x1b[2J", help="\u202e")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


def test_secret_in_the_line_is_masked_whatever_the_finding(faker_token: str) -> None:
    token = "ghp_" + re.sub(r"[^A-Za-z0-9]", "x", faker_token * 2)[:36]
    text = shown(f"acount: {token}", Span(1, 1, 1, 7))
    assert token not in text
    assert "*" * 40 in text
    text = shown(f"password: {faker_token}", Span(1, 11, 1, 11 + len(faker_token)), code="H012")
    assert faker_token not in text


def test_place_outside_of_the_source_is_no_error() -> None:
    assert "x.yaml:9:1" in shown("a", Span(9, 1, 9, 2))


def test_colour_is_only_paint() -> None:
    span = Span(1, 1, 1, 2)
    painted = shown("a", span, color=True)
    assert painted != shown("a", span)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == shown("a", span)


def test_nothing_found_is_nothing_shown() -> None:
    assert render_diagnostics([], {}) == ""
