"""What a run is asked to review, and how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.review.facts import PullRef


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """One request; empty tuples mean "whatever is in scope". Flags only narrow what policy grants."""

    env: str
    ticket: str = ""
    pulls: tuple[PullRef, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    fail_on: str = "high"
    new_only: bool = False
    notify: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form in which a paused run keeps it."""
        return {
            "env": self.env,
            "ticket": self.ticket,
            "pulls": [str(ref) for ref in self.pulls],
            "accounts": list(self.accounts),
            "regions": list(self.regions),
            "checks": list(self.checks),
            "skipped": list(self.skipped),
            "failOn": self.fail_on,
            "newOnly": self.new_only,
            "notify": self.notify,
        }


def request_from(document: Mapping[str, Any]) -> ReviewRequest:
    """Read a kept request. Raises KeyError, ValueError or TypeError for anything else."""
    pulls = (text.rsplit("#", 1) for text in document["pulls"])
    return ReviewRequest(
        env=document["env"],
        ticket=document["ticket"],
        pulls=tuple(PullRef(repo, int(number)) for repo, number in pulls),
        accounts=tuple(document["accounts"]),
        regions=tuple(document["regions"]),
        checks=tuple(document["checks"]),
        skipped=tuple(document["skipped"]),
        fail_on=document["failOn"],
        new_only=document["newOnly"],
        notify=document["notify"],
    )
