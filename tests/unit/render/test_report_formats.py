"""Every format: golden, deterministic, chosen by name, and deaf to what it shows."""

import json
import re
from html import unescape
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harness_cli.core.errors import UsageError
from harness_cli.guard.clean import is_clean
from harness_cli.render.report import RENDERERS, check_formats, deliver
from harness_cli.render.report_text import render_text
from tests.simulators.golden import same_as_golden
from tests.simulators.reports import document, findings, hostile
from tests.unit.render.test_report_html import Page

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
OUR_TAGS = ("details", "summary", "sub")
SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "report.v1.schema.json").read_text())
ENDINGS = {"text": "txt", "json": "json", "sarif": "sarif.json", "markdown": "md", "html": "html", "ocsf": "ocsf.jsonl"}
FORMATS = sorted(RENDERERS)
ATTACKS = (
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b2J\x08\x7f\x00",
    "a\u202eb\u2066c\u200bd\ufeff\u2028e",
    "\U000e0041\U000e0042\ufe0f",
    "z" + "\u0301" * 40,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)> ' autofocus onfocus='alert(1)",
    "</style></title></textarea><!-- --><base href=//evil.example>",
    "[click](javascript:alert(1)) ![x](//evil.example/p.png)",
    "| broken | table |\n## heading\n```\nfence",
    "@everyone @acme/security #1 GH-1 https://evil.example www.evil.example",
    '=HYPERLINK("//evil.example") +1 -1 @SUM(1) |calc',
    "{0} [link](1) {{}} \\",
    "\ud800\udfff\udc80",
    "[bold red]markup[/] :warning:",
    "arn:aws:iam::1:user/\u202e\x1b[2J<b>",
)


@pytest.mark.parametrize("format", FORMATS)
def test_form_is_the_golden_one(format: str) -> None:
    made = render_text(document(), width=100, color=False) if format == "text" else RENDERERS[format](document())
    assert same_as_golden(f"report.{ENDINGS[format]}", made)


@pytest.mark.parametrize("format", FORMATS)
def test_same_document_gives_the_same_bytes(format: str) -> None:
    assert RENDERERS[format](document()) == RENDERERS[format](document())


def test_document_follows_the_published_schema() -> None:
    jsonschema.validate(document(), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_schema_and_document_name_the_same_keys() -> None:
    made = document()
    assert set(made) == set(SCHEMA["properties"])
    rows = [row for row in made["findings"] if row["resources"]]
    assert set(rows[0]) == set(SCHEMA["properties"]["findings"]["items"]["properties"])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_known_attack_reaches_no_format(format: str, attack: str) -> None:
    _assert_deaf(format, attack)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.text(
        st.sampled_from(
            "ab<>&\"'`|*_[](){}#@=+-:/\\.~^$!\n\r\t\x1b\x00\x07\x9b\u202e\u2066\u200b\ufeff\u0301\u2028\ud800\U000e0041\uff1d"
        ),
        min_size=1,
        max_size=24,
    )
)
def test_no_text_reaches_any_format_unescaped(text: str) -> None:
    for name in FORMATS:
        _assert_deaf(name, text)


def _assert_deaf(format: str, attack: str) -> None:
    made = RENDERERS[format](hostile(attack))
    for line in made.split("\n"):
        assert is_clean(line)
    made.encode("utf-8")  # no lone surrogate
    {
        "text": _text_is_deaf,
        "json": _json_is_deaf,
        "sarif": _sarif_is_deaf,
        "markdown": _markdown_is_deaf,
        "html": _html_is_deaf,
        "ocsf": _ocsf_is_deaf,
    }[format](made)


def _text_is_deaf(made: str) -> None:
    assert "\x1b" not in made


def _json_is_deaf(made: str) -> None:
    assert made.isascii()
    json.loads(made)


def _sarif_is_deaf(made: str) -> None:
    log = json.loads(made)
    assert _strings_are_clean(log)
    for run in log["runs"]:
        for result in run["results"]:
            text = result["message"]["text"]
            assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", text)
            assert not re.search(r"(?<!{){(?!{)", text.replace("{{", ""))


def _ocsf_is_deaf(made: str) -> None:
    lines = made.splitlines()
    assert len(lines) == len(findings())
    assert all(_strings_are_clean(json.loads(line)) for line in lines)


def _strings_are_clean(node) -> bool:
    if isinstance(node, dict):
        return all(map(_strings_are_clean, [*node, *node.values()]))
    if isinstance(node, list):
        return all(map(_strings_are_clean, node))
    return not isinstance(node, str) or all(is_clean(line) for line in node.split("\n"))


def _html_is_deaf(made: str) -> None:
    page, plain = Page(made), Page(RENDERERS["html"](hostile("x")))
    assert set(page.names) == set(plain.names)
    assert {name for name, _ in page.attributes} == {name for name, _ in plain.attributes}
    assert all(is_clean(unescape(line)) for line in made.split("\n"))


def _markdown_is_deaf(made: str) -> None:
    """Whatever the texts are, the comment has the same blocks, and in them nothing but emphasis and code."""
    blocks, plain = MARKDOWN.parse(made), MARKDOWN.parse(RENDERERS["markdown"](hostile("x")))
    assert [block.type for block in blocks] == [block.type for block in plain]
    inline = [child for block in blocks for child in block.children or ()]
    assert {child.type for child in inline} <= {"text", "code_inline", "strong_open", "strong_close", "html_inline"}
    html = [token.content for token in (*blocks, *inline) if token.type in {"html_block", "html_inline"}]
    assert set(re.findall(r"<[^>]*>", "".join(html))) <= {f"<{slash}{tag}>" for tag in OUR_TAGS for slash in ("", "/")}
    prose = "".join(child.content for child in inline if child.type == "text")
    unfenced = re.sub(r"(?ms)^(`{3,})\n.*?^\1\n", "", made)
    span = r"\\.|(`+)[^\n]*?(?<!`)\1(?!`)"  # an escape, or a span of code
    source = re.sub(span, lambda found: "" if found[1] else found[0], unfenced)
    assert "@" not in source, prose
    assert "://" not in source
    assert not re.search(r"(?<!&)(?<!\\)#\d", source)


def test_unknown_format_is_refused_before_anything_is_done() -> None:
    with pytest.raises(UsageError):
        check_formats("text", ("pdf=report.pdf",))
    with pytest.raises(UsageError):
        check_formats("xml", ())


def test_several_formats_are_written_in_one_go(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    names = [f"{name}={tmp_path / name}" for name in FORMATS]
    deliver(document(), "text", names)
    assert sorted(path.name for path in tmp_path.iterdir()) == FORMATS
    assert capsysbinary.readouterr().out == b""


def test_file_without_format_takes_the_one_asked_for(tmp_path: Path) -> None:
    deliver(document(), "json", [str(tmp_path / "report")])
    assert json.loads((tmp_path / "report").read_text()) == document()


def test_document_goes_to_stdout_without_a_file(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    deliver(document(), "sarif", [])
    assert json.loads(capsysbinary.readouterr().out)["version"] == "2.1.0"
