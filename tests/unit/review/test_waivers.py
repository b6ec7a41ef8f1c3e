from datetime import date

import pytest

from harness_cli.config.model import Waiver
from harness_cli.review.finding import Finding, Severity, Status, Subject
from harness_cli.review.verdict import counts
from harness_cli.review.waivers import apply_waivers

DAY = date(2026, 11, 20)


def finding(status=Status.FAIL, check="S3-05", name="arn:aws:s3:::scratch"):
    return Finding(check, "t", status, Severity.HIGH, Severity.HIGH, "m", (Subject("aws_s3_bucket", name),))


def waiver(until="2026-11-20", check="S3-05", resource="arn:aws:s3:::scratch"):
    return Waiver(check, resource, "emptied daily", "li@acme.example", until)


def waived(given, *waivers):
    (found,) = apply_waivers([given], waivers, today=DAY)
    return found


def test_a_waiver_in_force_is_shown_and_the_failure_does_not_count():
    found = waived(finding(), waiver())
    assert found.waiver == "emptied daily (waived by li@acme.example until 2026-11-20)"
    assert not counts(found)


@pytest.mark.parametrize("until", ["2026-11-19", "never", ""])
def test_an_expired_or_unreadable_waiver_fails_again(until):
    found = waived(finding(), waiver(until))
    assert counts(found)
    assert "expired" in found.detail


@pytest.mark.parametrize("other", [waiver(check="S3-04"), waiver(resource="arn:aws:s3:::other")])
def test_a_waiver_for_something_else_changes_nothing(other):
    assert waived(finding(), other) == finding()


def test_a_renewed_waiver_counts_although_an_older_one_expired():
    assert waived(finding(), waiver("2025-01-01"), waiver("2027-01-01")).waiver


def test_a_pass_needs_no_waiver():
    assert waived(finding(Status.PASS), waiver()) == finding(Status.PASS)
