"""The page."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

from harness_cli.render.report_html import render_html
from harness_cli.render.report_html_map import map_svg
from harness_cli.render.report_map import Node
from harness_cli.review.finding import Severity
from tests.simulators.reports import ISSUE, document, evidence, finding, findings

VOID = {"meta", "br", "rect", "path"}


class Page(HTMLParser):
    """What elements a page has; refuses a page whose elements are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_page_is_well_formed() -> None:
    page = Page(render_html(document()))
    assert page.names[:2] == ["html", "head"]


def test_page_asks_for_nothing_and_runs_nothing() -> None:
    page = Page(render_html(document()))
    assert not {"script", "link", "img", "iframe", "a", "form", "object", "base"} & set(page.names)
    assert not [name for name, _ in page.attributes if name in {"src", "href", "style"} or name.startswith("on")]
    assert "url(" not in render_html(document())
    assert "@import" not in render_html(document())


def test_policy_names_the_style_sheet_by_digest() -> None:
    page = render_html(document())
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_each_failure_shows_its_evidence_chain() -> None:
    page = render_html(document())
    assert "<td>#31</td><td>ec2:DescribeSecurityGroups" in page
    assert f"sha256:{31:064x}" in page


def test_restricted_evidence_is_digest_and_pointer() -> None:
    row = replace(findings()[3], evidence=(evidence("aws", "iam:X", 9, "/UserDetailList/3", "only-for-few-eyes"),))
    page = render_html(document((row,)))
    assert "only-for-few-eyes" not in page
    assert '<i>restricted<span class="digest">: kept as digest and pointer</span></i>' in page


def test_page_has_the_map_with_a_verdict_on_each_node() -> None:
    page = render_html(document())
    assert '<g class="medium"><title>SEC-12</title>' in page
    assert '<g class="critical"><title>acme/infra-core#88</title>' in page
    assert '<g class="high"><title>ec2 security-group/sg-0a1b2c3d4e5f60718</title>' in page
    assert '<ul class="map"><li>SEC-12 <span class="chip medium">medium</span>' in page  # on a narrow screen


def test_page_reads_light_dark_and_on_paper() -> None:
    page = render_html(document())
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


def test_paper_says_once_for_a_check_what_it_looks_at_and_how_to_mend_it() -> None:
    rows = [
        finding("EC2-01", "Open to the Internet", Severity.HIGH, f"port {n} is open", ISSUE, remediation="Close it.")
        for n in (22, 23)
    ]
    page = render_html(document(rows))
    for kind, said in (("title", "Open to the Internet"), ("mend", "<b>Mend:</b> Close it.")):
        assert page.count(f'<p class="{kind}">{said}</p>') == page.count(f'<p class="{kind} again">{said}</p>') == 1
    printed = page[page.index("@media print") :]
    assert re.search(r"\.again[^{}]*\{display:none\}", printed)
    assert not re.search(r"\.again[^{}]*\{display:none\}", page[: page.index("@media print")])


def test_paper_says_again_how_to_mend_what_is_mended_otherwise() -> None:
    rows = [finding("X-06", "t", Severity.HIGH, how, ISSUE, remediation=how) for how in ("Take it out.", "Put it in.")]
    page = render_html(document(rows))
    assert "again" not in page[page.index("<body>") :]


def test_a_posture_review_has_no_change() -> None:
    rows = (finding("EC2-01", "t", Severity.HIGH, "m", ISSUE),)
    assert "<h2>The account</h2>" in render_html(document(rows, ticket="", pull_requests=()))
    assert "<h2>The change</h2>" in render_html(document(rows))


def test_no_style_depends_on_the_run() -> None:
    one, other = render_html(document()), render_html(document((), ticket=""))
    style = re.compile(r"style-src 'sha256-[^']+'|<style>.*</style>", re.DOTALL)
    assert style.findall(one) == style.findall(other)
    assert len(style.findall(one)) == 2


def test_a_map_that_would_shrink_on_paper_is_a_list_there() -> None:
    def leaves(count: int) -> Node:
        return Node("SEC-1", "high", children=(Node("a/b#1", "high", children=(Node("leaf", "high"),) * count),))

    assert '<div class="picture"><svg' in map_svg(leaves(14))
    assert '<div class="picture tall"><svg' in map_svg(leaves(20))


def test_each_check_says_how_often_it_said_what() -> None:
    assert "<li><b>X-04</b> 1 failed</li>" in render_html(document())
    assert "<li><b>EKS-01</b> 1 not applicable</li>" in render_html(document())


def test_review_without_failures_says_so() -> None:
    assert "No check failed" in render_html(document(findings()[-2:]))


def test_expired_waiver_is_said() -> None:
    row = finding("S3-03", "t", Severity.LOW, "m", ISSUE, detail="the waiver by li@acme.example expired on 2026-01-01")
    assert "expired on 2026-01-01" in render_html(document((row,)))
