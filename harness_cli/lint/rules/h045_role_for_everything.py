"""H045: one role that may read everything everywhere, or that also approves."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject
from harness_cli.policy.template import CLASSES


def check(subject: Subject) -> Iterator[Found]:
    """Every declared role, and the role of the approvers."""
    if not subject.is_sound("roles") or not subject.is_sound("policy_engine", "environment_gates"):
        return
    everything = {*CLASSES, *subject.config.policy_engine.restricted_data_classes}
    for name, role in (subject.config.roles or {}).items():
        everywhere = role.environments is None or set(role.environments) >= set(subject.gates)
        if everywhere and subject.written_clearance(name) >= everything:
            message = f"role `{name}` may read every class in every environment"
            yield Found(subject.key("roles", name), message, "add `environments:`, or take classes away")
    yield from _approving_admins(subject)


def _approving_admins(subject: Subject) -> Iterator[Found]:
    identity, approvals = subject.config.identity, subject.config.approvals
    if identity is None or approvals is None or not subject.is_sound("identity", "roles"):
        return
    group = approvals.approvers.group
    if group and identity.roles.get(group) == "security-admin":
        message = f"the approvers `{group}` are security-admins too"
        yield Found(subject.value("approvals", "approvers", "group"), message, "name a group that only approves")


RULE = Rule(
    code="H045",
    severity=Severity.WARNING,
    title="role cleared for everything everywhere, or security-admin also approver",
    why="Who may read everything and approve everything needs nobody else: one stolen session is enough.",
    mend="limit the role to environments, and let other people approve",
    check=check,
)
