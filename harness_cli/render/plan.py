"""A plan and its decisions: what would be called, and what policy says about it."""

import sys
from collections.abc import Iterator, Sequence

from harness_cli.guard.clean import clean
from harness_cli.policy.plan import PlannedDecision
from harness_cli.render.console import width_of
from harness_cli.render.plan_text import Line, group_text, summary, together, wrapped
from harness_cli.review.planning import plan_lines

PLAN_FORMATS = ("text", "json")
HOLDS = "holds"  # the reason of a check that has nothing to add
Plan = Sequence[PlannedDecision]


def render_plan(plan: Plan, format: str, *, explain: bool, width: int | None = None) -> str:
    """The plan as text or JSON; `explain` adds every check of each decision."""
    if format == "json":
        return _json(plan, explain=explain)
    lines = _text(plan, width or width_of(sys.stdout), explain=explain)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _json(plan: Plan, *, explain: bool) -> str:
    import json

    lines = plan_lines(tuple(plan))
    if explain:
        for line, decided in zip(lines, plan, strict=True):
            line["checks"] = [
                {"code": check.code, "passed": check.passed, "reason": check.reason}
                for check in decided.decision.checks
            ]
    return json.dumps({"version": "1.0", "plan": lines}, indent=2) + "\n"


def _text(plan: Plan, width: int, *, explain: bool) -> Iterator[str]:
    lines: list[Line] = [*plan_lines(tuple(plan))]
    decided = {id(line): one for line, one in zip(lines, plan, strict=True)}
    yield from wrapped("", f"a plan of {summary(lines)}; nothing has been called", width)
    tool = None
    for group in together(lines):
        if group[0]["tool"] != tool:
            tool = group[0]["tool"]
            yield from ("", clean(tool))
        yield from group_text(group, width)
        if explain:
            yield from _explained(decided[id(group[0])], width)


def _explained(line: PlannedDecision, width: int) -> Iterator[str]:
    """Every check in the order of evaluation; those that pass share a line, or one a reason."""
    checks = line.decision.checks
    for reason in dict.fromkeys(check.reason for check in checks if check.passed):
        codes = ", ".join(check.code for check in checks if check.passed and check.reason == reason)
        yield from wrapped("    ", f"{'hold' if reason == HOLDS else reason}: {codes}", width)
    for check in checks:
        if not check.passed:
            yield from wrapped("    ", f"{check.code} fails: {check.reason}", width)
    counterfactual = line.decision.counterfactual
    if not line.decision.allowed and counterfactual:
        yield from wrapped("    ", f"to allow it: {counterfactual.change}", width)
