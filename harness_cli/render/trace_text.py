"""A trace for people: who, when, what was decided, what was called, and whether the trail can be trusted."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness_cli.audit.reader import TraceSummary, Trail
from harness_cli.audit.verdict import VerifyReport
from harness_cli.guard.clean import clean
from harness_cli.render.trace_facts import (
    chain_status,
    code_or_outcome,
    data_classes,
    duration,
    resource_of,
    subject_of,
    who_of,
)
from harness_cli.render.trace_table import Column, table

TIMELINE = (
    Column("seq", right=True),
    Column("time"),
    Column("event"),
    Column("tool/op", gives_way=True),
    Column("resource", gives_way=True),
    Column("code"),
    Column("ms", right=True),
)
LIST = (
    Column("trace"),
    Column("started"),
    Column("state"),
    Column("outcome"),
    Column("env"),
    Column("person", gives_way=True),
    Column("agent", gives_way=True),
    Column("calls", right=True),
)


def render_list(traces: Sequence[TraceSummary], width: int) -> str:
    """Recent traces, newest first."""
    if not traces:
        return "no traces\n"
    rows = [
        (
            one.trace_id,
            one.start[:19].replace("T", " "),
            one.state,
            one.outcome or "-",
            one.env,
            one.principal,
            one.agent,
            str(one.counts.get("calls", one.counts.get("intents", "-"))),
        )
        for one in traces
    ]
    return table(LIST, rows, width)


def render_trail(trail: Trail, width: int, *, verbose: int = 0) -> str:
    """One run: a head, the timeline, what it touched, and the state of its chain."""
    parts = [_head(trail), "", table(TIMELINE, [_row(event) for event in trail.events], width)]
    if verbose:
        parts += [_decisions(trail), ""]
    classes = data_classes(trail)
    if classes:
        parts.append(f"data classes touched: {', '.join(classes)}")
    parts.append(f"chain: {chain_status(trail)}")
    return "\n".join(part.rstrip("\n") if part.count("\n") else part for part in parts) + "\n"


def render_verdict(report: VerifyReport, trace_id: str = "") -> str:
    """The verdict of a verification, each problem with its place, and its limits."""
    what = f"trace {trace_id}" if trace_id else f"{report.traces} traces"
    lines = [f"{report.verdict}  {what}, {report.leaves} leaves"]
    if report.origin:
        lines.append(f"  checkpoint: {report.origin} size {report.size} root sha256:{report.root}")
    if report.key:
        lines.append(f"  key: {report.key}")
    lines += [f"  note: {note}" for note in report.notes]
    lines += [f"  {problem.verdict}: {problem.place}: {problem.message}" for problem in report.problems]
    lines += [f"  limit: {limit}" for limit in report.limits]
    return "\n".join(clean(line) for line in lines) + "\n"


def _head(trail: Trail) -> str:
    first = trail.events[0] if trail.events else {}
    lines = [
        f"trace {trail.trace_id}",
        f"  who      {who_of(trail)}",
        f"  when     {first.get('timestamp', '-')}",
        f"  env      {first.get('env', '-')}{' (sandbox)' if first.get('sandbox') is True else ''}",
        f"  subject  {subject_of(first)}",
        f"  verdict  {_outcome(trail)}",
        f"  state    {trail.state}",
    ]
    return "\n".join(clean(line) for line in lines)


def _outcome(trail: Trail) -> str:
    sealed = trail.leaves[-1].rest if trail.leaves else {}
    return str(sealed.get("outcome", "-"))


def _row(event: Mapping[str, Any]) -> tuple[str, ...]:
    if not event:
        return ("?", "", "unreadable line", "", "", "", "")
    tool, op = str(event.get("tool", "")), str(event.get("op", ""))
    return (
        str(event.get("seq", "?")),
        str(event.get("timestamp", ""))[11:23],
        str(event.get("event", "")),
        f"{tool} {op}".strip(),
        resource_of(event),
        code_or_outcome(event),
        duration(event),
    )


def _decisions(trail: Trail) -> str:
    lines = []
    for event in trail.events:
        policy = event.get("policy")
        if event.get("event") == "policy.decision" and isinstance(policy, dict):
            rule = policy.get("rule") or "no rule"
            lines.append(f"  {event.get('seq')}: {policy.get('decision', '?')} {policy.get('code', '')} at {rule}")
    return "\n".join(clean(line) for line in ["decisions:", *lines])
