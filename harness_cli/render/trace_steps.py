"""The steps of a trail: each call put together from the lines that tell it, every other line by itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from harness_cli.audit.events import Outcome
from harness_cli.audit.reader import Trail
from harness_cli.policy.builtin import APPROVAL_REQUEST
from harness_cli.render.trace_facts import (
    Event,
    code_of,
    duration_of,
    fed_by,
    operation_of,
    part,
    resource_of,
    rule_words,
    seq_of,
)

NONE: Final[Event] = {}
UNREADABLE: Final = "a line that cannot be read"
_NAMED: Final = ("FAIL", "NOT_EVALUATED")
SHOWN_LEASE: Final = 8  # of sixteen characters: enough to tell the leases of a run apart


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


def headline(step: Step) -> str:
    """What was done, on what, and how it went."""
    event = step.event
    if not event:
        return UNREADABLE
    what, on = operation_of(event), resource_of(event)
    if step.is_call:
        last = step.outcome or event
        took = duration_of(last)
        ended = code_of(last) if last.get("event") == "tool.outcome" else "no outcome recorded"
        return f"{what} on {on or 'nothing named'}: {ended}" + (f" in {took} ms" if took else "")
    tool = str(event.get("tool", ""))
    whose = tool if part(event, "credential") else ""
    what = tool if what == APPROVAL_REQUEST else what
    return " ".join(word for word in (str(event.get("event")), what, whose or on, code_of(event)) if word)


def details(step: Step) -> str:
    """What policy, credential and review have to do with it; empty where there is nothing to say."""
    return " · ".join([*_of_call(step), *_of_other(step)])


def _of_call(step: Step) -> Iterator[str]:
    if not step.is_call:
        return
    event, policy = step.event, part(step.decision, "policy")
    yield str(event.get("dataClass", "?"))
    yield _approval(event)
    lease = str(part(event, "credential").get("lease", ""))
    if lease:
        yield f"lease {lease[:SHOWN_LEASE]}"
    if policy:
        yield f"{policy.get('code', '?')} by {policy.get('rule') or rule_words(step.decision)}"
    numbers = [str(line.get("seq", "?")) for line in (step.decision, step.outcome) if line]
    if numbers:
        yield f"lines {', '.join(numbers)}"
    if step.fed:
        yield f"fed {'; '.join(step.fed)}"
    yield from _reason(step.outcome or event)


def _of_other(step: Step) -> Iterator[str]:
    event, lease = step.event, part(step.event, "credential")
    if step.is_call or not event:
        return
    yield from _of_wait(event)
    if lease.get("lease"):
        yield f"lease {str(lease['lease'])[:SHOWN_LEASE]}"
        if event.get("event") == "credential.issued" and lease.get("expires"):
            yield f"until {lease['expires']}"
    if event.get("event") == "tool.blocked":
        yield str(event.get("dataClass", "?"))
        yield _approval(event)
        yield from _reason(event)
    policy = part(event, "policy")
    if event.get("event") == "policy.decision":
        yield f"by {policy.get('rule') or rule_words(event)}"
        change = policy.get("counterfactual", "none")
        if change != "none":
            yield f"{'an' if change == 'approval' else 'another'} {change} would allow it"


def _of_wait(event: Event) -> Iterator[str]:
    """Which request a line is about, and where the decision of another person stands."""
    approval, detail = part(event, "approval"), part(event, "detail")
    if approval.get("request"):
        yield f"request {approval['request']}"
        if approval.get("approver"):
            yield _approval(event)
        if approval.get("expires"):
            yield f"until {approval['expires']}"
    requests = detail.get("requests")
    if isinstance(requests, list) and requests:
        yield f"waits for {', '.join(map(str, requests))}"
    if event.get("event") == "trace.recovered":
        yield f"calls without an outcome: {detail.get('count', '?')}"


def _approval(event: Event) -> str:
    approval = part(event, "approval")
    status = str(event.get("approvalStatus", "?"))
    by = f" by {approval['approver']}" if approval.get("approver") else ""
    where = ""
    if approval.get("trace"):  # where it was decided; in that trail itself: for which run
        seq = approval.get("seq")
        where = f" for {approval['trace']}" if seq is None else f" in {approval['trace']} line {seq}"
    return f"{status}{by}{where}" if by or where else f"approval {status}"


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


def _reason(event: Event) -> Iterator[str]:
    """Why there was no answer, in the words of the line."""
    said = part(event, "result").get("reason") or part(event, "detail").get("error")
    if said:
        yield f"reason: {said}"


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
