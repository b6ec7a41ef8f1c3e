"""A trail as a page."""

import base64
import hashlib
import re

import pytest

from harness_cli.audit.reader import Trail, load
from harness_cli.audit.verdict import Problem, Verdict, VerifyReport
from harness_cli.render.trace_html import render_page
from tests.unit.audit.trails import trails
from tests.unit.render.test_report_html import Page


@pytest.fixture
def trail(tmp_path) -> Trail:
    made = trails(tmp_path)
    return load(made.folder, made.sealed())


def report(*problems: Problem) -> VerifyReport:
    return VerifyReport(problems, 1, 3, "harness/0a1b", 3, "ab" * 32, "", (), ("a rollback is not excluded",))


def test_page_is_well_formed_and_asks_for_nothing(trail) -> None:
    page = Page(render_page(trail, report()))
    assert not {"script", "link", "img", "iframe", "form", "object", "base"} & set(page.names)
    links = [value or "" for name, value in page.attributes if name == "href"]
    ids = {f"#{value}" for name, value in page.attributes if name == "id"}
    assert set(links) <= ids  # a link leads to a line of the page itself
    assert not [name for name, _ in page.attributes if name in {"src", "style"} or name.startswith("on")]


def test_policy_names_the_style_sheet_by_digest(trail) -> None:
    page = render_page(trail, report())
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [("OK", "passed"), ("TAMPER", "critical"), ("INCOMPLETE", "medium"), ("UNVERIFIABLE", "medium")],
)
def test_verification_stands_before_what_happened(trail, verdict, kind) -> None:
    problems = [Problem(Verdict(verdict), "ledger/entries.jsonl", "a <line> is gone")] if verdict != "OK" else []
    page = render_page(trail, report(*problems))
    said = page.index(f'<span class="verdict {kind}">the trail: {verdict}</span>')
    assert said < page.index("a rollback is not excluded") < page.index("<h2>timeline</h2>")
    assert ("a &lt;line&gt; is gone" in page) == bool(problems)
    assert "<ul></ul>" not in page


def test_a_word_of_a_trail_is_shown_whole(trail) -> None:
    long = Problem(Verdict.TAMPER, "here", "x" * 9_000)
    assert "x" * 9_000 in render_page(trail, report(long))
