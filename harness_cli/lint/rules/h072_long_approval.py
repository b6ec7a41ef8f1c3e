"""H072: approvals that count too long, or that one person gives for an execution in prod."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from harness_cli.config.durations import spell
from harness_cli.config.model import Action
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject

_LONGEST: Final = timedelta(hours=24)


def check(subject: Subject) -> Iterator[Found]:
    """The two deadlines, and the quorum where prod may execute."""
    approvals = subject.config.approvals
    if approvals is None or not subject.is_sound("approvals"):
        return
    for key, length in (("approve_within", approvals.approve_within), ("execute_within", approvals.execute_within)):
        if length > _LONGEST:
            message = f"{spell(length)} is longer than a day: who approved has forgotten what"
            yield Found(subject.value("approvals", key), message, "write at most `24h`")
    if approvals.approvers.quorum == 1 and _executes_in_prod(subject):
        path = ("approvals", "approvers", "quorum")
        span = subject.value(*path) if subject.has(*path) else subject.key("approvals", "approvers")
        yield Found(span, "one person is enough to approve an execution in prod", "write `quorum: 2`")


def _executes_in_prod(subject: Subject) -> bool:
    if PROD not in subject.gates or not subject.groups_are_sound:
        return False
    return any(Action.EXECUTE in subject.tools[name].actions for name in subject.reach[PROD] if name in subject.tools)


RULE = Rule(
    code="H072",
    severity=Severity.WARNING,
    title="approval lifetime over 24 hours, or one approver for execute in prod",
    why="An approval is for what its giver has just seen. Executing in prod is worth a second pair of eyes.",
    mend="shorten the deadline, or raise the quorum",
    check=check,
)
