"""Why one line stands in a trace: the lines that it leans on, and what today's policy would say.

Pure but for the trail that is handed in. The policy of a run is named by its digest: where today's has the same one,
deciding again decides with the recorded policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.audit.reader import Trail
from harness_cli.config.model import Action
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.errors import NotFoundError
from harness_cli.core.principal import Principal
from harness_cli.policy.catalogue.aws import place
from harness_cli.policy.catalogue.shapes import channel_resource, project_resource, repository_resource
from harness_cli.policy.engine import decide, decide_pattern
from harness_cli.policy.model import Context, Decision, Grain, Phase, Request, Resource, ResourceType
from harness_cli.policy.tables import Policy

Event = Mapping[str, Any]  # Any: a line of a trail, JSON


@dataclass(frozen=True, slots=True)
class Why:
    """One line, the lines behind it (oldest first), and today's answer where there is a policy to ask."""

    event: Event
    behind: tuple[tuple[str, Event], ...]
    today: Decision | None
    same_policy: bool

    @property
    def differs(self) -> bool:
        """Whether today's answer is another one than the recorded one."""
        decision = next((event for role, event in self.behind if role == "decision"), None)
        recorded = _part(decision or {}, "policy").get("decision")
        return self.today is not None and recorded is not None and self.today.effect.value != recorded


def why(trail: Trail, seq: int, policy: Policy | None) -> Why:
    """Everything behind one line. Raises NotFoundError."""
    if not 0 <= seq < len(trail.events) or not trail.events[seq]:
        raise NotFoundError(f"the trace has no line {seq}", help=f"it has the lines 0 to {len(trail.events) - 1}")
    event = trail.events[seq]
    behind = _behind(trail, event)
    decision = next((one for role, one in behind if role == "decision"), None)
    today, same = None, False
    if decision is not None and policy is not None:
        same = _part(decision, "policy").get("sha256") == policy.sha256
        today = _again(trail, decision, policy)
    return Why(event, tuple(behind), today, same)


def _behind(trail: Trail, event: Event) -> list[tuple[str, Event]]:
    """The lines that an event leans on; a finding leans on the calls that fed it."""
    finding = _part(event, "finding")
    if finding:
        seqs = finding.get("auditSeqs")
        known = [seq for seq in seqs if isinstance(seq, int)] if isinstance(seqs, list) else []
        return [("fed by", trail.events[seq]) for seq in known if 0 <= seq < len(trail.events)]
    found: list[tuple[str, Event]] = []
    intent = _intent(trail, event)
    lease = _part(event, "credential").get("lease")
    for one in trail.events[: _seq(event) + 1]:
        if one.get("event") == "policy.decision" and _same_call(one, event):
            found = [pair for pair in found if pair[0] != "decision"] + [("decision", one)]
        elif lease and one.get("event") == "credential.issued" and _part(one, "credential").get("lease") == lease:
            found.append(("lease", one))
        elif one.get("event") in {"approval.requested", "approval.decided"} and one.get("tool") == event.get("tool"):
            found.append(("approval", one))
        elif intent is not None and one is intent and one is not event:
            found.append(("intent", one))
    return sorted(found, key=lambda pair: _seq(pair[1]))


def _intent(trail: Trail, event: Event) -> Event | None:
    span = event.get("spanId")
    calls = (one for one in trail.events if one.get("event") == "tool.intent" and one.get("spanId") == span)
    return next(calls, None) if span else None


def _same_call(one: Event, other: Event) -> bool:
    return all(one.get(name) == other.get(name) for name in ("tool", "op", "action", "resource"))


def _again(trail: Trail, decision: Event, policy: Policy) -> Decision | None:
    """The recorded question, asked again; None where it cannot be understood any more."""
    recorded = _part(decision, "policy")
    try:
        phase = Phase(str(recorded.get("phase", "call")))
        needed = recorded.get("approvals")
        given = needed if isinstance(needed, list) and recorded.get("decision") == "allow" else []
        at, grains = parse_rfc3339(decision["timestamp"]), frozenset(map(Grain, given))
        request = Request(
            subject=_subject(trail, decision),
            tool=str(decision["tool"]),
            action=Action(decision["action"]),
            operation=str(decision["op"]),
            resources=tuple(map(_resource, decision.get("resource") or ())),
            context=Context(str(decision["env"]), at, phase, approvals=grains),
        )
    except (KeyError, TypeError, ValueError):
        return None
    if phase is Phase.PLAN and not request.resources:
        return decide_pattern(policy, request)
    return decide(policy, request, explain=True)


def _subject(trail: Trail, decision: Event) -> Principal:
    """The requester as the identity event of the trace knows them: with role and groups."""
    proof: Mapping[str, Any] = {}
    for event in trail.events[: _seq(decision)]:
        if event.get("op") == "identity:prove":
            proof = _part(event, "detail")
    who, groups = _part(decision, "principal"), proof.get("groups")
    return Principal(
        issuer=str(proof.get("issuer", who.get("idp", ""))),
        subject=str(proof.get("subject", who.get("id", ""))),
        user_name=str(who.get("id", "")),
        groups=tuple(map(str, groups)) if isinstance(groups, list) else (),
        role=str(proof.get("role", "")),
        proven=proof.get("proven") is True,
    )


def _resource(one: Mapping[str, Any]) -> Resource:
    name = str(one["id"])
    match ResourceType(one["type"]):
        case ResourceType.REPO:
            return repository_resource(name)
        case ResourceType.JIRA_PROJECT:
            return project_resource(name)
        case ResourceType.SLACK_CHANNEL:
            return channel_resource(name)
        case ResourceType.AWS:
            account, _, region = name.partition("/")
            return place(account, region)


def _seq(event: Event) -> int:
    seq = event.get("seq")
    return seq if isinstance(seq, int) else 0


def _part(event: Event, name: str) -> Mapping[str, Any]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}
