"""A step of a trail in words: what was done, how it went, what policy, credential and review had to do with it."""

from collections.abc import Iterator
from typing import Final

from harness_cli.policy.builtin import APPROVAL_REQUEST
from harness_cli.render.trace_facts import Event, code_of, duration_of, operation_of, part, resource_of, rule_words
from harness_cli.render.trace_steps import Step

UNREADABLE: Final = "a line that cannot be read"
SHOWN_LEASE: Final = 8  # of sixteen characters: enough to tell the leases of a run apart


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
    if event.get("event") == "key.rotated":
        yield f"the ledger is signed by {detail.get('to', '?')} from here on"
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


def _reason(event: Event) -> Iterator[str]:
    """Why there was no answer, in the words of the line."""
    said = part(event, "result").get("reason") or part(event, "detail").get("error")
    if said:
        yield f"reason: {said}"
