"""The comment on a pull request."""

from dataclasses import replace

from harness_cli.render.report_markdown import LARGEST, render_markdown
from harness_cli.review.finding import Finding, Origin, Reason, Severity, Status
from tests.simulators.reports import ISSUE, document, evidence, finding, findings


def test_comment_starts_with_the_verdict() -> None:
    assert render_markdown(document()).startswith("## Infrastructure review: INCOMPLETE \\(so far BLOCK\\)\n")


def test_incomplete_review_says_what_was_not_looked_at() -> None:
    assert "> **Not looked at:** KMS\\-02" in render_markdown(document())


def test_restricted_evidence_is_digest_and_pointer() -> None:
    row = replace(findings()[3], evidence=(evidence("aws", "iam:X", 9, "/UserDetailList/3", "only-for-few-eyes"),))
    shown = render_markdown(document((row,)))
    assert "only-for-few-eyes" not in shown
    assert f"sha256:{9:064x} /UserDetailList/3 [restricted]" in shown


def test_evidence_of_an_unknown_class_is_treated_as_restricted() -> None:
    seen = (evidence("aws", "iam:X", 9, "/0", "only-for-few-eyes"),)
    row = replace(findings()[0], data_class="board-only", evidence=seen)
    assert "only-for-few-eyes" not in render_markdown(document((row,)))


def test_check_ids_are_never_read_as_issues() -> None:
    shown = render_markdown(document())
    assert "`GH-21`" in shown
    assert "GH-21" not in shown.split("<details><summary>evidence", 1)[0].replace("`GH-21`", "")


def test_comment_fits_into_a_comment() -> None:
    rows = tuple(
        finding(
            "TKT-01",
            "t" * 200,
            Severity.LOW,
            "message " * 40,
            ISSUE,
            extra=str(number),
            evidence=findings()[0].evidence,
        )
        for number in range(900)
    )
    shown = render_markdown(document(rows))
    assert len(shown) < LARGEST
    assert "… and " in shown
    assert "harness trace" in shown.splitlines()[-1]


def test_comment_says_that_parts_of_it_were_left_out() -> None:
    def many(status: Status, origin: Origin = Origin.UNKNOWN) -> list[Finding]:
        return [
            finding("TKT-01", "t" * 200, Severity.LOW, "m" * 99, ISSUE, status=status, origin=origin, extra=str(number))
            for number in range(300)
        ]

    unread = [
        replace(row, reason=Reason.EXCEPTION, detail=f"d{n}" * 30) for n, row in enumerate(many(Status.NOT_EVALUATED))
    ]
    failed = [
        replace(row, message=f"m{n}" * 30, evidence=findings()[0].evidence) for n, row in enumerate(many(Status.FAIL))
    ]
    rows = (*failed, *many(Status.MANUAL), *many(Status.PASS, Origin.FIXED), *unread)
    shown = render_markdown(document(rows))
    assert len(shown) < LARGEST
    assert "… and 2 more of its parts\\: `harness report 01a20ce4-05c0-7b3c-8d4e-0123456789ab`" in shown


def test_what_is_no_word_against_the_change_is_folded() -> None:
    shown = render_markdown(document())
    first, folded = shown.split("<details><summary>2 there before, 1 waived</summary>")
    assert "| `GH-21` |" not in folded
    assert "| `GH-21` |" in first
    assert "| `EC2-01` |" not in first
    assert "| `EC2-01` |" in folded


def test_change_that_brings_no_failure_says_so_and_a_posture_review_folds_nothing() -> None:
    rows = (findings()[2],)
    assert "Nothing failed that this change brings\\." in render_markdown(document(rows))
    posture = render_markdown(document(rows, ticket="", pull_requests=()))
    assert "there before</summary>" not in posture
    assert "| `EC2-01` |" in posture


def test_audit_lines_that_are_left_out_are_hinted_at() -> None:
    row = replace(findings()[2], evidence=tuple(evidence("aws", "x", seq) for seq in (3, 4, 5, 6)))
    assert "| \\#3 \\#4 \\#5 … |" in render_markdown(document((row,)))


def test_clean_review_says_that_no_check_failed() -> None:
    shown = render_markdown(document(findings()[-2:]))
    assert "## Infrastructure review: NONE" in shown
    assert "No check failed" in shown


def test_waiver_is_shown() -> None:
    assert "moves with the archive" in render_markdown(document())
