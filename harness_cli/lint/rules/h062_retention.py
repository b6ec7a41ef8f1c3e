"""H062: a trail that is deleted too early."""

from collections.abc import Iterator
from typing import Final

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("audit", "retention_days")
_LEAST: Final = {
    "sox": (2557, "seven years"),
    "hipaa": (2192, "six years"),
    "fedramp": (913, "30 months"),
    "pci-dss": (366, "twelve months"),
    "soc2": (366, "twelve months"),
    "iso-27001": (366, "twelve months"),
}
_YEARS: Final = {2555: ("seven", 2557), 3650: ("ten", 3653), 1825: ("five", 1827), 2190: ("six", 2192)}


def check(subject: Subject) -> Iterator[Found]:
    """The retention against the regime that the file declares, and against calendar years."""
    audit = subject.config.audit
    if not subject.is_sound(*_PATH):
        return
    if audit.regime and subject.is_sound("audit", "regime"):
        least, words = _LEAST[audit.regime]
        if audit.retention_days < least:
            message = f"{audit.regime} wants {words}: {least} days, not {audit.retention_days}"
            yield Found(subject.value(*_PATH), message, f"write {least}", severity=Severity.ERROR)
            return
    if audit.retention_days in _YEARS:
        years, days = _YEARS[audit.retention_days]
        message = f"{audit.retention_days} days are less than {years} calendar years, which have leap days"
        yield Found(subject.value(*_PATH), message, f"write {days}", severity=Severity.INFO)


RULE = Rule(
    code="H062",
    severity=Severity.ERROR,
    title="retention below the declared regime (information: 2555 days are less than seven calendar years)",
    why="A trail that is deleted before the rule book allows it cannot be brought back.",
    mend="raise `audit.retention_days`",
    check=check,
)
