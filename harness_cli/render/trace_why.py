"""Why a line stands there, for people and machines."""

import json

from harness_cli.audit.why import Event, Why
from harness_cli.guard.clean import clean
from harness_cli.render.trace_facts import code_of, operation_of, resource_of

VERSION = 1


def render_why(found: Why) -> str:
    """The line, what is behind it, and today's answer with every check."""
    lines = [_line("line", found.event)]
    for role, event in found.behind:
        lines.append(_line(role, event))
        if role == "decision":
            policy = event.get("policy", {})
            lines.append(f"           rule {policy.get('rule') or '-'} ({policy.get('path') or 'no key'})")
            lines.append(f"           policy sha256:{policy.get('sha256', '-')}")
    return "\n".join(clean(line) for line in [*lines, *_today(found)]) + "\n"


def why_json(found: Why) -> str:
    """The same as one document."""
    today = found.today
    document = {
        "version": VERSION,
        "event": dict(found.event),
        "behind": [{"role": role, "event": dict(event)} for role, event in found.behind],
        "today": None
        if today is None
        else {
            "decision": today.effect.value,
            "code": today.code,
            "reason": today.reason,
            "rule": today.rule.place if today.rule else "",
            "policySha256": today.policy_sha256,
            "samePolicy": found.same_policy,
            "differs": found.differs,
        },
    }
    return json.dumps(document, sort_keys=True, indent=2) + "\n"


def _today(found: Why) -> list[str]:
    today = found.today
    if today is None:
        return ["today: not asked (no decision behind this line, or no configuration here)"]
    words = "the same policy" if found.same_policy else f"another policy (sha256:{today.policy_sha256})"
    verdict = "DIFFERS from" if found.differs else "agrees with"
    lines = [f"today: {words}; its answer {verdict} the recorded one: {today.effect} {today.code}, {today.reason}"]
    lines.append(f"  {sum(check.passed for check in today.checks)} checks hold")
    lines += [f"  FAILS  {check.code} {check.reason}" for check in today.checks if not check.passed]
    if today.counterfactual is not None and not today.allowed:
        lines.append(f"  would be allowed: {today.counterfactual.change}")
    return lines


def _line(role: str, event: Event) -> str:
    words = (operation_of(event), resource_of(event), code_of(event))
    return f"{role:<10} {event.get('seq', '?')} {event.get('event', '')}: " + ", ".join(word for word in words if word)
