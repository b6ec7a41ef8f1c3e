"""Exit codes of the program (DESIGN §3): a stable contract with scripts and CI."""

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; 0 never means "could not look"."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    CONFIG = 3
    IDENTITY = 4
    INCOMPLETE = 5
    DENIED = 6
    APPROVAL_REFUSED = 7
    APPROVAL_PENDING = 8
    AUDIT = 9
    FINDINGS = 10
    UNVERIFIABLE = 11
    NOT_FOUND = 12
    INTERRUPTED = 130
    TERMINATED = 143


PRECEDENCE = (
    ExitCode.AUDIT,
    ExitCode.INTERNAL,
    ExitCode.CONFIG,
    ExitCode.IDENTITY,
    ExitCode.DENIED,
    ExitCode.APPROVAL_REFUSED,
    ExitCode.APPROVAL_PENDING,
    ExitCode.INCOMPLETE,
    ExitCode.FINDINGS,
)


def first_of(codes: Iterable[ExitCode]) -> ExitCode:
    """The code that wins where several hold; OK where none does."""
    held = set(codes)
    for code in PRECEDENCE:
        if code in held:
            return code
    rest = sorted(held - {ExitCode.OK})
    return rest[0] if rest else ExitCode.OK
