"""H013: credentials that live too long. Above 60 minutes, or not ephemeral, the loader refuses."""

from collections.abc import Iterator
from datetime import timedelta

from harness_cli.config.meaning import LONGEST_ROTATION
from harness_cli.core.diagnostic import Severity
from harness_cli.core.limits import LEASE_SECONDS
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("runtime", "credential_rotation")


def check(subject: Subject) -> Iterator[Found]:
    """A rotation between 15 and 60 minutes: leases are shorter than it says."""
    rotation = subject.config.runtime.credential_rotation
    if subject.is_sound(*_PATH) and timedelta(seconds=LEASE_SECONDS) < rotation <= LONGEST_ROTATION:
        message = "credentials never live longer than 15m, whatever stands here"
        yield Found(subject.value(*_PATH), message, "write `ephemeral-15m`", severity=Severity.WARNING)


RULE = Rule(
    code="H013",
    severity=Severity.ERROR,
    title="credential_rotation not ephemeral, or above 60m (a warning above 15m)",
    why="A credential that outlives its use is a credential to steal. Leases never exceed 15 minutes; a larger number"
    " only misleads its reader.",
    mend="write `ephemeral-15m`",
    check=check,
)
