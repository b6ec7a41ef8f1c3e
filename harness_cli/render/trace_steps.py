"""The steps of a trail: each call put together from the lines that tell it, every other line by itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from harness_cli.audit.events import Outcome
from harness_cli.audit.reader import Trail
from harness_cli.render.trace_facts import (
    Event,
    fed_by,
    part,
    seq_of,
)

NONE: Final[Event] = {}
_NAMED: Final = ("FAIL", "NOT_EVALUATED")


class Step(NamedTuple):
    """One thing that happened; of a call all of its lines, in any other case one line."""

    event: Event  # the line at whose place it stands: of a call the intent
    decision: Event = NONE
    outcome: Event = NONE
    fed: tuple[str, ...] = ()  # the findings that its answer fed, by their status

    @property
    def is_call(self) -> bool:
        """Whether it is a call, made or only begun."""
        return self.event.get("event") in ("tool.intent", "tool.outcome")  # a foreign value may have no hash

    @property
    def ended(self) -> str:
        """How it went; of a call that was cut off nobody knows it."""
        last = self.outcome or self.event
        is_open = last.get("event") == "tool.intent"
        return Outcome.INDETERMINATE if is_open else str(last.get("outcome", Outcome.ERROR))

    @property
    def lines(self) -> tuple[Event, ...]:
        """The lines of the trail that it tells."""
        return (self.event, *(line for line in (self.decision, self.outcome) if line))


def steps(trail: Trail) -> list[Step]:
    """What happened, in the order in which it began; of picked lines the calls that ended with one, told whole."""
    found = _steps(trail.run)
    if not trail.is_part:
        return found
    picked = set(map(id, trail.events))
    return [step for step in found if id(step.outcome or step.event) in picked]


def _steps(trail: Trail) -> list[Step]:
    outcomes = {_span(event): event for event in trail.events if event.get("event") == "tool.outcome"}
    begun = {_span(event) for event in trail.events if event.get("event") == "tool.intent"}
    fed = _fed(trail)
    allowed: dict[str, list[Event]] = {}  # decisions that no intent has taken yet
    taken: set[int] = set()
    found: list[Step] = []
    for event in trail.events:
        if event.get("event") == "tool.intent":
            waiting = allowed.get(_call(event))
            decision = waiting.pop(0) if waiting else NONE
            taken.add(id(decision))
            found.append(_step(event, decision, outcomes.get(_span(event), NONE), fed))
        elif event.get("event") != "tool.outcome":
            if _lets_call(event):
                allowed.setdefault(_call(event), []).append(event)
            found.append(Step(event))
        elif _span(event) not in begun:  # its intent was not picked
            found.append(_step(event, NONE, NONE, fed))
    return [step for step in found if id(step.event) not in taken]


def _step(event: Event, decision: Event, outcome: Event, fed: Mapping[int, Sequence[Event]]) -> Step:
    return Step(event, decision, outcome, tuple(_by_status(fed.get(seq_of(outcome or event), ()))))


def _by_status(findings: Sequence[Event]) -> Iterator[str]:
    """What asks for a reader is named, what passed is counted."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        found.setdefault(str(part(finding, "finding").get("status")), []).append(str(finding.get("op")))
    for status in sorted(found, key=lambda status: (*_NAMED, status).index(status)):
        named = ", ".join(dict.fromkeys(found[status]))
        yield f"{status} {named}" if status in _NAMED else f"{len(found[status])} {status}"


def _lets_call(event: Event) -> bool:
    policy = part(event, "policy")
    return event.get("event") == "policy.decision" and (policy.get("phase"), policy.get("code")) == ("call", "P100")


def _span(event: Event) -> str:
    return str(event.get("spanId"))


def _call(event: Event) -> str:
    return json.dumps([event.get(name) for name in ("tool", "op", "action", "resource")], sort_keys=True)


def _fed(trail: Trail) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in trail.events:
        for seq in fed_by(event):
            found.setdefault(seq, []).append(event)
    return found
