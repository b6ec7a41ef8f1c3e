"""H014: a credential that lives longer than what it is for."""

from collections.abc import Iterator

from harness_cli.config.durations import spell
from harness_cli.config.meaning import LONGEST_ROTATION
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("runtime", "credential_rotation")


def check(subject: Subject) -> Iterator[Found]:
    """A rotation above the life of an approval, or above the longest run."""
    rotation = subject.config.runtime.credential_rotation
    approvals, longest = subject.config.approvals, subject.config.limits.max_duration
    if not subject.is_sound(*_PATH) or rotation > LONGEST_ROTATION:  # H013 speaks of those
        return
    if (
        approvals is not None
        and subject.is_sound("approvals", "execute_within")
        and rotation > approvals.execute_within
    ):
        shorter, what = approvals.execute_within, "an approval counts (`approvals.execute_within`)"
    elif longest is not None and subject.is_sound("limits") and rotation > longest:
        shorter, what = longest, "a run may take (`limits.max_duration`)"
    else:
        return
    message = f"credentials live {spell(rotation)}, longer than the {spell(shorter)} that {what}"
    yield Found(subject.value(*_PATH), message, f"write `ephemeral-{spell(shorter)}`, or raise the other")


RULE = Rule(
    code="H014",
    severity=Severity.WARNING,
    title="credential lifetime longer than approval lifetime or run limit",
    why="What is left of a credential's life after the run is of use to nobody but a thief.",
    mend="shorten `runtime.credential_rotation`, or raise `approvals.execute_within` or `limits.max_duration`",
    check=check,
)
