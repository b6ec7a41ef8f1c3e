"""H032: a tool that no environment lets through, or that asks for approval and is not in prod."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every tool against every gate."""
    if not subject.groups_are_sound or not subject.gates:
        return
    for name, tool in subject.tools.items():
        reached = [env for env, tools in subject.reach.items() if name in tools]
        if not reached:
            advice = "put it in a group under `tool_groups`, and the group in a gate's `allowed_tools`"
            yield Found(subject.key("tools", name), f"tool `{name}` is reachable in no environment", advice)
        elif tool.requires_approval and PROD in subject.gates and PROD not in reached:
            message = f"tool `{name}` asks for approval but is not reachable in prod"
            yield Found(subject.key("tools", name), message, _advice(subject, name))


def _advice(subject: Subject, name: str) -> str:
    if subject.config.tool_groups is None:
        return f"add `tool_groups: {{risk_notifiers: [{name}], …}}` and allow `risk_notifiers` in prod"
    group = next((g for g, members in subject.groups.items() if name in members), "risk_notifiers")
    return f"add `{group}` to the `allowed_tools` of prod"


RULE = Rule(
    code="H032",
    severity=Severity.WARNING,
    title="tool reachable nowhere, or not in prod although it asks for approval",
    why="A tool that no gate lets through is denied every time (P004). One that asks for approval is made for prod: "
    "in the published template the notice can be sent from dev only, because its derived group is not allowed in "
    "prod.",
    mend="name a group for it under `tool_groups` and allow that group in the gate",
    check=check,
)
