"""A trace for people: who, when, what was decided, what was called, and whether the trail can be trusted."""

from collections.abc import Sequence
from itertools import groupby

from harness_cli.audit.reader import SEALED, TraceSummary, Trail
from harness_cli.audit.verdict import VerifyReport
from harness_cli.guard.clean import clean
from harness_cli.render.hanging import hung
from harness_cli.render.trace_facts import (
    Event,
    chain_status,
    days_begun,
    facts_of,
    moment_of,
    part,
    sections,
    told,
)
from harness_cli.render.trace_steps import Step, steps
from harness_cli.render.trace_table import Column, table
from harness_cli.render.trace_words import UNREADABLE, details, headline

UNDER = " " * 6  # where the details of a step stand
LIST = (
    Column("trace"),
    Column("started (UTC)"),
    Column("state"),
    Column("verdict"),
    Column("person", goes_under=True),
    Column("env", goes_under=True),
    Column("calls", right=True, goes_under=True),
)


def render_list(traces: Sequence[TraceSummary], width: int) -> str:
    """Recent traces, newest first."""
    return table(LIST, [_listed(one) for one in traces], width)


def render_trail(trail: Trail, width: int, *, verbose: int = 0) -> str:
    """One run: a head, the timeline, what it did, and the state of its chain.

    A call is one step of the timeline, whatever lines tell it. What the plan granted and what was found is left out,
    of denials alike the first is shown; with `-v` the timeline has every line of the trail.
    """
    parts = [_head(trail), "", *(_every_line(trail, width) if verbose else _steps(trail, width))]
    for title, lines in sections(trail):
        parts += ["", f"{title}:", *(text for line in lines for text in hung("  ", line, width))]
    parts += ["", *hung("chain: ", chain_status(trail), width)]
    return "\n".join(parts) + "\n"


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


def _listed(one: TraceSummary) -> tuple[str, ...]:
    calls = one.counts.get("calls", one.counts.get("intents", 0))
    state = one.outcome if one.state == SEALED else one.state  # of another state nothing ended
    started = one.start[:19].replace("T", " ")
    return (one.trace_id, started, state, one.verdict or "-", one.principal or "-", one.env or "-", str(calls))


def _head(trail: Trail) -> str:
    lines = [f"trace {trail.trace_id}", *(f"  {name:<12} {value}" for name, value in facts_of(trail))]
    return "\n".join(clean(line) for line in lines)


def _every_line(trail: Trail, width: int) -> list[str]:
    return _dated([(event, _single(event, width)) for event in trail.events])


def _steps(trail: Trail, width: int) -> list[str]:
    shown = [step for step in steps(trail) if _matters(step.event)]
    alike = [list(same) for _, same in groupby(shown, _alike)]
    told = {id(line) for step in shown for line in step.lines}
    hidden = sum(id(event) not in told for event in trail.events)
    lines = _dated([(first.event, _step(first, len(more), width)) for first, *more in alike])
    return lines + ([f"({hidden} more lines: -v)"] if hidden else [])


def _dated(blocks: Sequence[tuple[Event, list[str]]]) -> list[str]:
    """The lines of all blocks, and the day where another begins."""
    days = days_begun(event for event, _ in blocks)
    return [line for day, (_, lines) in zip(days, blocks, strict=True) for line in (*_begun(day), *lines)]


def _begun(day: str) -> tuple[str, ...]:
    return (UNDER + clean(day),) if day else ()


def _matters(event: Event) -> bool:
    policy = part(event, "policy")
    return event.get("event") != "finding" and (policy.get("phase"), policy.get("decision")) != ("plan", "allow")


def _alike(step: Step) -> tuple[object, ...]:
    """Equal for what a plan denies one after another for one reason: an environment without a gate denies it all."""
    policy = part(step.event, "policy")
    is_plan = policy.get("phase") == "plan"
    return tuple(str(policy.get(name)) for name in ("code", "rule")) if is_plan else (id(step.event),)


def _step(step: Step, more: int, width: int) -> list[str]:
    """A line of what was done, wrapped rather than cut, and under it what policy and review have to do with it."""
    said, others = details(step), f", and {more} more planned calls alike (-v)" if more else ""
    return hung(_lead(step.event), headline(step) + others, width) + (hung(UNDER, said, width) if said else [])


def _single(event: Event, width: int) -> list[str]:
    """One line of the trail, as it stands there."""
    more = details(Step(event))
    return hung(_lead(event), told(event) if event else UNREADABLE, width) + (hung(UNDER, more, width) if more else [])


def _lead(event: Event) -> str:
    return f"{event.get('seq', '?'):>4}  {moment_of(event)[1][:12]:<12}  "
