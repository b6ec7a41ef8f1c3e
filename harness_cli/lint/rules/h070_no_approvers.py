"""H070: approvals that nobody can give."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_GATES = ("policy_engine", "environment_gates")


def check(subject: Subject) -> Iterator[Found]:
    """The first thing that asks for an approval, where no approvers are declared."""
    approvals = subject.config.approvals
    declared = approvals is not None and (approvals.approvers.group or approvals.approvers.allowed_signers)
    if declared or not subject.is_sound("approvals"):
        return
    asking = sorted(_asking(subject))
    if asking:
        advice = "add `approvals: {approvers: {group: …}}`"
        yield Found(asking[0], "an approval is needed here, but no approvers are declared", advice)


def _asking(subject: Subject) -> Iterator[Span]:
    engine = subject.config.policy_engine
    for environment, gate in engine.environment_gates.items():
        path = (*_GATES, environment, "requires_human_approval")
        if gate.requires_human_approval and subject.is_sound(*path):
            yield subject.value(*path)
    for name, tool in subject.tools.items():
        if tool.requires_approval:
            yield subject.value("tools", name, "requires_approval")
        elif (not tool.scopes and subject.is_sound("tools", name)) or any(
            action in engine.approval_required_for for action in tool.actions
        ):
            yield subject.key("tools", name)


RULE = Rule(
    code="H070",
    severity=Severity.WARNING,
    title="approval needed somewhere, but no approvers declared",
    why="A run that needs an approval which nobody can give ends with exit code 6.",
    mend="add `approvals.approvers` with a group at the identity provider, or a file of allowed signers",
    check=check,
)
