"""H014: a credential that lives longer than what it is for."""

from collections.abc import Iterator
from datetime import timedelta

from harness_cli.config.durations import spell
from harness_cli.config.meaning import LONGEST_ROTATION
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("runtime", "credential_rotation")


def check(subject: Subject) -> Iterator[Found]:
    """A rotation above the life of an approval, or above the longest run."""
    rotation = subject.config.runtime.credential_rotation
    if not subject.is_sound(*_PATH) or rotation > LONGEST_ROTATION:  # H013 speaks of those
        return
    shorter = next((bound for bound in _bounds(subject) if rotation > bound[0]), None)
    if shorter is None:
        return
    length, what = shorter
    message = f"credentials live {spell(rotation)}, longer than the {spell(length)} that {what}"
    yield Found(subject.value(*_PATH), message, f"write `ephemeral-{spell(length)}`, or raise the other")


def _bounds(subject: Subject) -> Iterator[tuple[timedelta, str]]:
    approvals, longest = subject.config.approvals, subject.config.limits.max_duration
    if approvals is not None and subject.is_sound("approvals"):
        yield approvals.execute_within, "an approval counts (`approvals.execute_within`)"
        yield approvals.approve_within, "a request is open (`approvals.approve_within`)"
    if longest is not None and subject.is_sound("limits"):
        yield longest, "a run may take (`limits.max_duration`)"


RULE = Rule(
    code="H014",
    severity=Severity.WARNING,
    title="credential lifetime longer than approval lifetime or run limit",
    why="What is left of a credential's life after the run is of use to nobody but a thief.",
    mend="shorten `runtime.credential_rotation`, or raise `approvals.execute_within` or `limits.max_duration`",
    check=check,
)
