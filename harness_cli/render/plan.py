"""A plan and its decisions: what would be called, and what policy says about it."""

import io
import sys
from collections.abc import Sequence

from harness_cli.guard.clean import clean
from harness_cli.policy.plan import PlannedDecision
from harness_cli.render.console import width_of
from harness_cli.review.planning import plan_lines


def render_plan(plan: Sequence[PlannedDecision], format: str, *, explain: bool) -> str:
    """The plan as text or JSON; `explain` adds every check of each decision."""
    if format == "json":
        return _json(plan, explain=explain)
    return _text(plan, explain=explain)


def _json(plan: Sequence[PlannedDecision], *, explain: bool) -> str:
    import json

    lines = plan_lines(tuple(plan))
    if explain:
        for line, decided in zip(lines, plan, strict=True):
            line["checks"] = [
                {"code": check.code, "passed": check.passed, "reason": check.reason}
                for check in decided.decision.checks
            ]
    return json.dumps({"version": "1.0", "plan": lines}, indent=2) + "\n"


def _text(plan: Sequence[PlannedDecision], *, explain: bool) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for header in ("tool", "operation", "on", "most", "decision", "rule"):
        table.add_column(header, overflow="fold", no_wrap=header in {"most", "decision"})
    for line in plan:
        call, decision = line.call, line.decision
        rule = decision.rule.place if decision.rule else ""
        said = f"{decision.code} {line.standing.value}"
        table.add_row(*map(clean, (call.tool, call.operation, call.resource, str(call.at_most), said, rule)))
    buffer = io.StringIO()
    console = Console(
        file=buffer, width=width_of(sys.stdout), markup=False, emoji=False, highlight=False, no_color=True
    )
    console.print(table)
    for line in plan if explain else ():
        console.print(f"{line.call.tool} {line.call.operation}")
        for check in line.decision.checks:
            console.print(f"  {check.code} {'holds' if check.passed else 'fails'}: {clean(check.reason)}")
    for line in plan:
        if not line.decision.allowed and line.decision.counterfactual and explain:
            console.print(f"to allow {line.call.operation}: {clean(line.decision.counterfactual.change)}")
    return "\n".join(text.rstrip() for text in buffer.getvalue().splitlines()) + "\n"
