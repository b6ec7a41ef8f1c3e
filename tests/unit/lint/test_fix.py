import pytest

from harness_cli.config.read import parse_document
from harness_cli.core.diagnostic import Diagnostic, Edit, Severity, Span
from harness_cli.lint.files import fix
from harness_cli.lint.fix import apply_edits, edits_of, replace_text, unified_diff
from tests.unit.lint.test_rules import BASE, TODAY


def edited(text: str, *edits: tuple[int, int, int, str]) -> str:
    return apply_edits(text, [Edit(Span(line, start, line, end), new) for line, start, end, new in edits])


def test_edits_keep_everything_around_them() -> None:
    assert edited("a: b # c\r\nd: e\n", (1, 4, 5, "x"), (2, 4, 5, "yy")) == "a: x # c\r\nd: yy\n"


def test_the_later_of_two_overlapping_edits_is_left_out() -> None:
    one, two = Edit(Span(1, 1, 1, 5), "x"), Edit(Span(1, 3, 1, 7), "y")
    found = [Diagnostic("H008", Severity.WARNING, "m", "p", e.span, edits=(e,)) for e in (two, one)]
    assert edits_of(found, "p") == (one,)
    assert edits_of(found, "other") == ()


@pytest.mark.parametrize(
    ("old", "new", "fixed"),
    [
        ('"sso-scim"', "'ssso-scim'  # ours", "'sso-scim'  # ours"),
        ('"sso-scim"', "ssso-scim", "binding: sso-scim\n"),
        (
            "  approve_within",
            "  escalate_to: on # group\n  approve_within",
            '  escalate_to: "on" # group\n  approve_within',
        ),
        ("max_calls: 1000", "max_calls: 0100", "max_calls: 100"),
        ('"agentId", "action", "tool"', '"agentId", "tool"', '"outcome", "action"]'),
        ("  engineer:", "  no: {clearance: []}\n  engineer:", '  "no": {clearance: []}\n  engineer:'),
    ],
)
def test_fix_mends_and_a_second_one_changes_nothing(tmp_path, old: str, new: str, fixed: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE.replace(old, new, 1), encoding="utf-8")
    _, difference = fix(path, parse_document(path.read_bytes(), "config.yaml"), TODAY, write=True)
    assert difference
    once = path.read_text(encoding="utf-8")
    assert fixed in once
    _, again = fix(path, parse_document(path.read_bytes(), "config.yaml"), TODAY, write=True)
    assert again == ""
    assert path.read_text(encoding="utf-8") == once


def test_missing_audit_fields_are_added_to_a_block_list_too(tmp_path) -> None:
    path = tmp_path / "config.yaml"
    block = 'fields:\n    - "traceId"\n    - "timestamp" # when\n'
    start, end = BASE.index("fields: ["), BASE.index('  sink: "siem')
    path.write_text(BASE[:start] + block + BASE[end:], encoding="utf-8")
    outcome, _ = fix(path, parse_document(path.read_bytes(), "config.yaml"), TODAY, write=True)
    assert outcome.diagnostics == ()
    assert '    - "timestamp"\n    - "agentId"\n' in path.read_text(encoding="utf-8")


def test_diff_alone_writes_nothing(tmp_path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE.replace('"sso-scim"', '"ssso-scim"'), encoding="utf-8")
    before = path.read_bytes()
    outcome, difference = fix(path, parse_document(before, "config.yaml"), TODAY, write=False)
    assert [d.code for d in outcome.diagnostics] == ["H010"]
    assert '+  identity_binding: "sso-scim"' in difference
    assert path.read_bytes() == before


def test_replacing_keeps_permissions_and_follows_links(tmp_path) -> None:
    target, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    target.write_text("a", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    replace_text(link, "b")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "b"
    assert target.stat().st_mode & 0o777 == 0o640


def test_difference_of_equal_texts_is_empty() -> None:
    assert unified_diff("x", "a\n", "a\n") == ""
