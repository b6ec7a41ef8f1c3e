"""H071: approvers who are the requesters, or the agent."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("approvals", "approvers", "group")
_EVERYBODY = frozenset({"*", "all", "everyone", "everybody", "all-users", "domain users"})


def check(subject: Subject) -> Iterator[Found]:
    """The group of the approvers against the groups that may ask, and against the agent."""
    approvals, identity = subject.config.approvals, subject.config.identity
    if approvals is None or not approvals.approvers.group or not subject.is_sound(*_PATH):
        return
    group = approvals.approvers.group
    if group == subject.config.runtime.agent_id and subject.is_sound("runtime"):
        yield Found(subject.value(*_PATH), f"`{group}` is the agent itself", "name a group of people")
    elif group.lower() in _EVERYBODY:
        yield Found(subject.value(*_PATH), f"`{group}` contains those who ask", "name a group that only approves")
    elif identity is not None and subject.is_sound("identity", "roles"):
        role = identity.roles.get(group)
        sharing = [g for g, r in identity.roles.items() if r == role and g != group]
        if role == "engineer" or (role and role != "security-admin" and (sharing or len(identity.roles) == 1)):
            message = f"`{group}` is a group of those who ask: its role is `{role}`"
            yield Found(subject.value(*_PATH), message, "name a group that only approves")


RULE = Rule(
    code="H071",
    severity=Severity.ERROR,
    title="approver group equals or contains the requester group, or the agent",
    why="Nobody approves his own request; where the same people ask and approve, two of them always agree.",
    mend="name a group of other people",
    check=check,
)
