"""What verification says: a verdict, each problem with its place, and what it cannot exclude."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness_cli.core.exits import ExitCode


class Verdict(StrEnum):
    """OK, or the worst of what was found."""

    OK = "OK"
    INCOMPLETE = "INCOMPLETE"
    UNVERIFIABLE = "UNVERIFIABLE"
    TAMPER = "TAMPER"

    @property
    def exit_code(self) -> ExitCode:
        """What the process ends with."""
        return _EXITS[self]


_EXITS = {
    Verdict.OK: ExitCode.OK,
    Verdict.INCOMPLETE: ExitCode.INCOMPLETE,
    Verdict.UNVERIFIABLE: ExitCode.UNVERIFIABLE,
    Verdict.TAMPER: ExitCode.AUDIT,
}
_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: a path below the audit folder, with its line."""

    verdict: Verdict
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The answer of a verification."""

    problems: tuple[Problem, ...]
    traces: int
    leaves: int
    origin: str
    size: int
    root: str
    key: str
    notes: tuple[str, ...]
    limits: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all problems."""
        return worst(problem.verdict for problem in self.problems)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; OK where there is none."""
    found = set(verdicts)
    return next((one for one in reversed(_ORDER) if one in found), Verdict.OK)


def tamper(place: str, message: str) -> Problem:
    """A problem that no crash explains."""
    return Problem(Verdict.TAMPER, place, message)


def incomplete(place: str, message: str) -> Problem:
    """A problem that a crash explains."""
    return Problem(Verdict.INCOMPLETE, place, message)


def unverifiable(place: str, message: str) -> Problem:
    """A question that cannot be answered with what is at hand."""
    return Problem(Verdict.UNVERIFIABLE, place, message)
