"""Deployments of a pull request's commits, each with its last state."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness_cli.core.clock import parse_rfc3339
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.facts import Deployment

Answer = Mapping[str, Any]  # Any: the declared result of an operation
MOST_DEPLOYMENTS: Final = 20


def latest_deployments(listed: Sequence[Fact[Any]]) -> tuple[Answer, ...]:
    """The deployments whose statuses are asked for, latest first."""
    found = {one["id"]: one for fact in listed if isinstance(fact, Known) for one in fact.value}
    latest = sorted(found.values(), key=lambda one: (str(one["created_at"]), one["id"]), reverse=True)
    return tuple(latest[:MOST_DEPLOYMENTS])


def deployments(
    listed: Sequence[Fact[Any]], deployed: Sequence[Answer], statuses: Sequence[Fact[Any]]
) -> Fact[tuple[Deployment, ...]]:
    """The deployments, oldest first; unread where one of the lists or the state of one is."""
    evidence: tuple[Evidence, ...] = ()
    for fact in (*listed, *statuses):
        if isinstance(fact, Unread):
            return fact
        evidence += fact.evidence
    states = [_last_state(fact.value) for fact in statuses if isinstance(fact, Known)]
    found = [
        Deployment(one["environment"], one["sha"], parse_rfc3339(one["created_at"]), state)
        for one, state in zip(deployed, states, strict=True)
    ]
    return Known(tuple(sorted(found, key=lambda one: one.at)), evidence)


def _last_state(statuses: Sequence[Answer]) -> str:
    """The state of the latest status; "" where none was reported yet."""
    latest = max(statuses, key=lambda one: (str(one["created_at"]), one["id"]), default=None)
    return str(latest["state"]) if latest else ""
