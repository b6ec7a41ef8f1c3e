"""Waivers: somebody answers for a finding until a day. They are shown; an expired one fails again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from harness_cli.config.model import Waiver
from harness_cli.review.finding import Finding, Status


def apply_waivers(findings: Iterable[Finding], waivers: Sequence[Waiver], *, today: date) -> tuple[Finding, ...]:
    """The findings in their order; a failure that a waiver in force names carries its reason and counts nothing."""
    return tuple(_waived(finding, waivers, today) for finding in findings)


def _waived(finding: Finding, waivers: Sequence[Waiver], today: date) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    named = [waiver for waiver in waivers if _names(waiver, finding)]
    in_force = next((waiver for waiver in named if _holds(waiver, today)), None)
    if in_force is not None:
        return replace(finding, waiver=f"{in_force.reason} (waived by {in_force.approved_by} until {in_force.until})")
    if named:
        last = max(named, key=lambda waiver: waiver.until)
        return replace(finding, detail=f"the waiver by {last.approved_by} expired on {last.until}")
    return finding


def _names(waiver: Waiver, finding: Finding) -> bool:
    return waiver.check == finding.check and any(subject.uid == waiver.resource for subject in finding.resources)


def _holds(waiver: Waiver, today: date) -> bool:
    try:
        return today <= date.fromisoformat(waiver.until)  # the day itself is inside
    except ValueError:
        return False  # a day that nobody can read has passed
