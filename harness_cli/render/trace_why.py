"""Why a line stands there, for people and machines."""

import json
from collections.abc import Mapping
from typing import Any

from harness_cli.audit.why import Answer, Event, Why
from harness_cli.guard.clean import clean
from harness_cli.policy.model import Decision
from harness_cli.render.trace_facts import code_of, operation_of, resource_of

VERSION = 1


def render_why(found: Why) -> str:
    """The line, what is behind it, the recorded policy's answer, and today's with every check."""
    lines = [_line("line", found.event)]
    for role, event in found.behind:
        lines.append(_line(role, event))
        if role == "decision":
            policy = event.get("policy", {})
            lines.append(f"           rule {policy.get('rule') or '-'} ({policy.get('path') or 'no key'})")
            lines.append(f"           policy sha256:{policy.get('sha256', '-')}")
    return "\n".join(clean(line) for line in [*lines, *_again(found), *_today(found)]) + "\n"


def why_json(found: Why) -> str:
    """The same as one document."""
    document = {
        "version": VERSION,
        "event": dict(found.event),
        "behind": [{"role": role, "event": dict(event)} for role, event in found.behind],
        "recorded": dict(found.recorded) or None,
        "again": _answer_map(found.again),
        "today": None if found.today.decision is None else _today_map(found, found.today.decision),
    }
    return json.dumps(document, sort_keys=True, indent=2) + "\n"


def _answer_map(answer: Answer) -> Mapping[str, Any]:
    one = answer.decision
    if one is None:
        return {"problem": answer.problem}
    return {"decision": one.effect.value, "code": one.code, "policySha256": one.policy_sha256, "agrees": answer.agrees}


def _today_map(found: Why, today: Decision) -> Mapping[str, Any]:
    return {
        "decision": today.effect.value,
        "code": today.code,
        "reason": today.reason,
        "rule": today.rule.place if today.rule else "",
        "policySha256": today.policy_sha256,
        "samePolicy": found.same_policy,
        "differs": found.today.differs,
    }


def _again(found: Why) -> list[str]:
    again = found.again.decision
    if again is None:
        return [f"recorded policy: not asked ({found.again.problem})"]
    if found.again.agrees:
        return [f"recorded policy: decided again, and it agrees: {again.effect} {again.code}"]
    return [f"recorded policy: decided again, and it DISAGREES with the trail: {again.effect} {again.code}"]


def _today(found: Why) -> list[str]:
    today = found.today.decision
    if today is None:
        return [f"today: not asked ({found.today.problem})"]
    words = "the same policy" if found.same_policy else f"another policy (sha256:{today.policy_sha256})"
    verdict = "DIFFERS from" if found.today.differs else "agrees with"
    lines = [f"today: {words}; its answer {verdict} the recorded one: {today.effect} {today.code}, {today.reason}"]
    lines.append(f"  {sum(check.passed for check in today.checks)} checks hold")
    lines += [f"  FAILS  {check.code} {check.reason}" for check in today.checks if not check.passed]
    if today.counterfactual is not None and not today.allowed:
        lines.append(f"  would be allowed: {today.counterfactual.change}")
    return lines


def _line(role: str, event: Event) -> str:
    words = (operation_of(event), resource_of(event), code_of(event))
    return f"{role:<10} {event.get('seq', '?')} {event.get('event', '')}: " + ", ".join(word for word in words if word)
