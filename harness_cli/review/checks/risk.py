"""Risk ratings: what a ticket's label means, and what the change itself adds up to (TKT-04, X-08)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from harness_cli.review.case import Case
from harness_cli.review.evidence import Unread
from harness_cli.review.finding import Origin, Severity, Status
from harness_cli.review.registry import Outcome, all_checks

RULES: Final = ("GH-20", "GH-21", "GH-22", "GH-23", "GH-24")


class Rating(IntEnum):
    """How risky a change is said to be."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """As tickets write it."""
        return self.name.lower()


_LABELS: Final = {
    "minimal": Rating.LOW,
    "minor": Rating.LOW,
    "low": Rating.LOW,
    "standard": Rating.LOW,
    "moderate": Rating.MEDIUM,
    "medium": Rating.MEDIUM,
    "significant": Rating.HIGH,
    "major": Rating.HIGH,
    "high": Rating.HIGH,
    "very high": Rating.CRITICAL,
    "severe": Rating.CRITICAL,
    "critical": Rating.CRITICAL,
}
_OF_SEVERITY: Final = {Severity.CRITICAL: Rating.HIGH, Severity.HIGH: Rating.MEDIUM}


@dataclass(frozen=True, slots=True)
class Computed:
    """A rating with the check that gives it; `unread` where some code could not be judged."""

    rating: Rating
    why: str = "nothing in the changed code is risky"
    unread: Unread | None = None


def declared(label: str) -> Rating | None:
    """The rating behind a label (`High`, `3 - moderate`); None for a word that is no rating."""
    words = label.casefold().replace("-", " ").replace("_", " ").split()
    named = [word for word in words if not word.isdigit()]
    return _LABELS.get(" ".join(named)) or next((_LABELS[word] for word in named if word in _LABELS), None)


def of_changed_code(case: Case) -> Computed:
    """What the changed code alone is worth: an introduced critical makes a change high, an introduced high medium."""
    best = Computed(Rating.LOW)
    unread: Unread | None = None
    for check_id, outcome in introduced(case):
        if outcome.status is Status.NOT_EVALUATED and outcome.reason:
            unread = unread or Unread(outcome.reason, outcome.detail, outcome.evidence)
            continue
        severity = outcome.severity or all_checks()[check_id].severity
        rating = _OF_SEVERITY.get(severity, Rating.LOW)
        if rating > best.rating:
            best = Computed(rating, f"{check_id}: {outcome.message}")
    return Computed(best.rating, best.why, unread)


def deleted_state(case: Case) -> str:
    """What the changed code deletes or leaves without its guard, as GH-24 says it; empty where nothing."""
    said = (o.message for o in all_checks()["GH-24"].judge(case) if o.status is Status.FAIL)
    return next(said, "")


def unjudged_state(case: Case) -> Unread | None:
    """Why GH-24 could not look at all of the changed code."""
    outcomes = all_checks()["GH-24"].judge(case)
    return next((Unread(o.reason, o.detail, o.evidence) for o in outcomes if o.reason), None)


def introduced(case: Case) -> Iterator[tuple[str, Outcome]]:
    """Failures that the changed code brings, and what of it could not be judged."""
    for check_id in RULES:
        for outcome in all_checks()[check_id].judge(case):
            new = outcome.status is Status.FAIL and outcome.origin is not Origin.PRE_EXISTING
            if new or outcome.status is Status.NOT_EVALUATED:
                yield check_id, outcome
