"""H040: a class that nobody may read, and approvers who may not see what they approve."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_CLASSES = ("policy_engine", "restricted_data_classes")


def check(subject: Subject) -> Iterator[Found]:
    """Restricted classes against clearances, approvers against tools."""
    if not subject.is_sound("roles"):
        return
    if subject.is_sound(*_CLASSES):
        for index, name in enumerate(subject.config.policy_engine.restricted_data_classes):
            if name not in subject.cleared_classes:
                advice = "add it to the `clearance` of a role, or delete it"
                yield Found(subject.value(*_CLASSES, index), f"no role may read `{name}`", advice)
    if subject.is_sound("tools") and subject.is_sound("identity", "roles") and subject.is_sound("approvals"):
        yield from _approvers(subject)


def _approvers(subject: Subject) -> Iterator[Found]:
    config = subject.config
    if config.approvals is None or config.identity is None or config.roles is None:
        return
    role = config.roles.get(config.identity.roles.get(config.approvals.approvers.group, ""))
    if role is None:
        return
    for tool in config.tools.values():
        asked = tool.requires_approval or any(a in config.policy_engine.approval_required_for for a in tool.actions)
        if asked and tool.classification not in role.clearance:
            name = config.identity.roles[config.approvals.approvers.group]
            message = f"approvers have role `{name}`, which may not see `{tool.classification}` data of `{tool.name}`"
            span = subject.value("approvals", "approvers", "group")
            yield Found(span, message, "clear the role for the class, or name another group")
            return


RULE = Rule(
    code="H040",
    severity=Severity.ERROR,
    title="restricted class that no role may read, or approver role not cleared for what it approves",
    why="A class that nobody is cleared for makes its tools dead. Who approves a payload sees it, so he must be "
    "cleared for it.",
    mend="add the class to the `clearance` of a role",
    check=check,
)
