import pytest

from harness_cli.config.document import Document, Mapping
from harness_cli.config.read import parse_document
from harness_cli.core.limits import CONFIG_BYTES, CONFIG_DEPTH, CONFIG_NODES


def read(content: str | bytes) -> Document:
    return parse_document(content.encode() if isinstance(content, str) else content, "x.yaml")


def found(content: str | bytes) -> list[tuple[str, int, int]]:
    return [(d.code, d.span.line, d.span.column) for d in read(content).diagnostics]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ("H000", 1, 1)),
        ("# nothing\n", ("H000", 1, 1)),
        ("a: [1, 2\nb: 3\n", ("H000", 1, 4)),
        ("a: {b: 1\n", ("H000", 1, 4)),
        ("a: [[1\n", ("H000", 1, 5)),
        ('a: "x\nb: 3\n', ("H000", 1, 4)),
        ("a:\n\tb: 1\n", ("H000", 2, 1)),
        ("a:\t1\n", ("H000", 1, 3)),
        ("a: b: c\n", ("H000", 1, 5)),
        ("a: @x\n", ("H000", 1, 4)),
        (b"a: \xff\n", ("H001", 1, 4)),
        (b"\xff\xfea\x00", ("H001", 1, 1)),
        (b"\xef\xbb\xbfa: 1\n", ("H001", 1, 1)),
        ("a: x\u200by\n", ("H001", 1, 5)),
        ("a: x\u202ey # z\n", ("H001", 1, 5)),
        ("a: 1\rb: 2\n", ("H001", 1, 5)),
        ('a: "\\u200b"\n', ("H001", 1, 4)),
        ("a: 1\na: 2\n", ("H002", 2, 1)),
        ('a: 1\n"a": 2\n', ("H002", 2, 1)),
        ("a: &x 1\n", ("H003", 1, 4)),
        ("a: *x\n", ("H003", 1, 4)),
        ("a: {<<: {b: 1}}\n", ("H003", 1, 5)),
        ("a: !!str 1\n", ("H004", 1, 4)),
        ("%YAML 1.1\n---\na: 1\n", ("H004", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("H009", 2, 1)),
        ("? [a]\n: 1\n", ("H007", 1, 3)),
        ("[" * 60_000, ("H005", 1, CONFIG_DEPTH + 1)),
        ("- a\n" * (CONFIG_NODES + 1), ("H005", CONFIG_NODES, 3)),
        ("# " + "x" * CONFIG_BYTES, ("H005", 1, 1)),
    ],
)
def test_trespass_is_found_at_its_place(content: str | bytes, expected: tuple[str, int, int]) -> None:
    assert expected in found(content)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None),
        ("yes", "yes"), ("on", "on"), ("no", "no"), ("22:30", "22:30"), ("2026-11-24", "2026-11-24"),
        ("10", 10), ("-7", -7), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1.5", 1.5), ("1e3", 1000.0),
        ("1_000", "1_000"), ("0b1", "0b1"), ("9" * 5000, float("inf")), (".inf", float("inf")), ("1.2.3", "1.2.3"),
        ("'true'", "true"), ('"10"', "10"),
    ],
)  # fmt: skip
def test_unquoted_values_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    root = read(f"a: {text}\n").root
    assert isinstance(root, Mapping)
    got = getattr(root.get("a"), "value", "absent")
    assert got == value
    assert type(got) is type(value)


def test_comments_to_us_are_kept_and_signs_inside_values_are_none() -> None:
    document = read('a: "x # harness" # harness 1\n# harness 2\nb: |\n  # harness\nc: d#harness\n# nothing\n')
    found = [(c.text, c.span.line, c.span.column) for c in document.comments]
    assert found == [("# harness 1", 1, 18), ("# harness 2", 2, 1)]


def test_windows_line_ends_are_read() -> None:
    assert found("a: 1\r\nb: 2\r\n") == []


def test_tab_after_a_value_is_found_once_a_line() -> None:
    assert found('a: "x"\t\t# y\nb:\t1\n') == [("H000", 1, 7), ("H000", 2, 3)]


def test_tab_inside_a_value_or_comment_is_fine() -> None:
    assert found('a: "x\ty" #\tz\n') == []
