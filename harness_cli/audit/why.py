"""Why one line stands in a trace: the lines that it leans on, the decision taken again, and today's answer.

The decision is taken again with the policy that the trail cites, under the recorded circumstances (role, environment,
time, budget, approvals): it has to come out the same. Where that policy cannot be had, nothing is decided in its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness_cli.audit.policies import PolicyUnreadableError
from harness_cli.audit.reader import Trail
from harness_cli.config.model import Action
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.errors import NotFoundError
from harness_cli.core.principal import Principal
from harness_cli.policy.catalogue.aws import place
from harness_cli.policy.catalogue.shapes import channel_resource, project_resource, repository_resource
from harness_cli.policy.engine import decide, decide_pattern
from harness_cli.policy.model import Budget, Context, Decision, Grain, Phase, Request, Resource, ResourceType
from harness_cli.policy.tables import Policy

Event = Mapping[str, Any]  # Any: a line of a trail, JSON


NO_DECISION = "no decision is behind this line"
NO_CONFIGURATION = "no configuration here"
NOT_UNDERSTOOD = "the recorded question cannot be understood any more"


@dataclass(frozen=True, slots=True)
class Answer:
    """The recorded question, asked again: a decision, or why there is none."""

    decision: Decision | None
    problem: str = ""
    differs: bool = False  # from the recorded answer

    @property
    def agrees(self) -> bool:
        """Whether the recorded answer came out again."""
        return self.decision is not None and not self.differs


@dataclass(frozen=True, slots=True)
class Why:
    """One line, the lines behind it (oldest first), the answer of the recorded policy and the one of today's."""

    event: Event
    behind: tuple[tuple[str, Event], ...]
    again: Answer
    today: Answer

    @property
    def recorded(self) -> Mapping[str, Any]:
        """What the trail says of the decision; empty where none is behind the line."""
        return _part(next((event for role, event in self.behind if role == "decision"), {}), "policy")

    @property
    def same_policy(self) -> bool:
        """Whether today's policy is the recorded one."""
        return self.today.decision is not None and self.today.decision.policy_sha256 == self.recorded.get("sha256")


def why(trail: Trail, seq: int, kept: Callable[[str], Policy], today: Policy | None, problem: str = "") -> Why:
    """Everything behind one line; `kept` gives the policy of a digest. Raises NotFoundError."""
    if not 0 <= seq < len(trail.events) or not trail.events[seq]:
        raise NotFoundError(f"the trace has no line {seq}", help=f"it has the lines 0 to {len(trail.events) - 1}")
    event = trail.events[seq]
    behind = _behind(trail, event)
    decision = next((one for role, one in behind if role == "decision"), None)
    if decision is None:
        return Why(event, tuple(behind), Answer(None, NO_DECISION), Answer(None, NO_DECISION))
    now = _answer(trail, decision, today) if today else Answer(None, problem or NO_CONFIGURATION)
    return Why(event, tuple(behind), _recorded_answer(trail, decision, kept), now)


def _recorded_answer(trail: Trail, decision: Event, kept: Callable[[str], Policy]) -> Answer:
    try:
        policy = kept(str(_part(decision, "policy").get("sha256", "")))
    except PolicyUnreadableError as err:
        return Answer(None, str(err))
    return _answer(trail, decision, policy)


def _answer(trail: Trail, decision: Event, policy: Policy) -> Answer:
    found = _again(trail, decision, policy)
    return Answer(found, "" if found else NOT_UNDERSTOOD, found is not None and _differs(decision, found))


def _differs(decision: Event, found: Decision) -> bool:
    recorded = _part(decision, "policy")
    said = (recorded.get("decision"), recorded.get("code"), recorded.get("approvals", []))
    return said != (found.effect.value, found.code, sorted(grain.value for grain in found.approvals_needed))


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
        at = parse_rfc3339(recorded.get("at") or decision["timestamp"])
        request = Request(
            subject=_subject(trail, decision),
            tool=str(decision["tool"]),
            action=Action(decision["action"]),
            operation=str(decision["op"]),
            resources=tuple(map(_resource, decision.get("resource") or ())),
            context=_context(decision, recorded, at, phase),
        )
    except (AttributeError, KeyError, TypeError, ValueError):  # a line is what its writer made of it
        return None
    if phase is Phase.PLAN and not request.resources:
        return decide_pattern(policy, request)
    return decide(policy, request, explain=True)


def _context(decision: Event, recorded: Mapping[str, Any], at: datetime, phase: Phase) -> Context:
    """The circumstances that the line records. Raises TypeError, ValueError, KeyError."""
    left = recorded.get("budget") or {}
    return Context(
        env=str(decision["env"]),
        time=at,
        phase=phase,
        plan_digest=str(recorded.get("plan", "")),
        call_digest=str(recorded.get("call", "")),
        approvals=frozenset(map(Grain, recorded.get("granted") or ())),
        budget=Budget(left.get("calls"), left.get("items"), left.get("bytes"), left.get("seconds")),
    )


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
        role=str(_part(decision, "policy").get("role", proof.get("role", ""))),
        proven=proof.get("proven") is True,
    )


def _resource(one: Mapping[str, Any]) -> Resource:
    return _RESOURCES[ResourceType(one["type"])](str(one["id"]))


def _place(name: str) -> Resource:
    account, _, region = name.partition("/")
    return place(account, region)


_RESOURCES: Mapping[ResourceType, Callable[[str], Resource]] = {
    ResourceType.REPO: repository_resource,
    ResourceType.JIRA_PROJECT: project_resource,
    ResourceType.SLACK_CHANNEL: channel_resource,
    ResourceType.AWS: _place,
}


def _seq(event: Event) -> int:
    seq = event.get("seq")
    return seq if isinstance(seq, int) else 0


def _part(event: Event, name: str) -> Mapping[str, Any]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}
