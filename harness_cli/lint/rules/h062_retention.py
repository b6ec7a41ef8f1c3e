"""H062: a trail that is deleted too early."""

from collections.abc import Iterator
from typing import Final

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("audit", "retention_days")
_LEAST: Final = {  # days, and how the rule book says it
    "sox": (2557, "seven years"),
    "sec-17a-4": (2192, "six years"),
    "finra": (2192, "six years"),
    "hipaa": (2192, "six years"),
    "gobd": (3653, "ten years"),
    "dora": (1827, "five years"),
    "fedramp": (913, "30 months"),
    "m-21-31": (913, "30 months"),
    "pci-dss": (366, "twelve months"),
    "soc2": (366, "twelve months"),
    "iso-27001": (366, "twelve months"),
}
_OTHER_NAMES: Final = {"pci": "pci-dss", "soc-2": "soc2", "iso27001": "iso-27001", "sarbanes-oxley": "sox"}
_SEVEN_YEARS: Final = 2555  # 7 x 365: the leap days are missing


def check(subject: Subject) -> Iterator[Found]:
    """The retention against the regime that the file declares, and against calendar years."""
    audit = subject.config.audit
    if not subject.is_sound(*_PATH):
        return
    if audit.regime and subject.is_sound("audit", "regime"):
        yield from _against_regime(subject, audit.regime, audit.retention_days)
    elif audit.retention_days == _SEVEN_YEARS:
        message = "2555 days are less than seven calendar years, which have leap days"
        yield Found(subject.value(*_PATH), message, "write 2557", severity=Severity.INFO)


def _against_regime(subject: Subject, regime: str, days: int) -> Iterator[Found]:
    name = regime.lower().replace(" ", "-").replace("_", "-")
    known = _LEAST.get(_OTHER_NAMES.get(name, name))
    if known is None:
        advice = f"known are {', '.join(_LEAST)}"
        span = subject.value("audit", "regime")
        yield Found(span, f"the regime `{regime}` is not known: nothing is compared", advice, severity=Severity.WARNING)
    elif days < known[0]:
        message = f"{regime} wants {known[1]}: {known[0]} days, not {days}"
        yield Found(subject.value(*_PATH), message, f"write {known[0]}")


RULE = Rule(
    code="H062",
    severity=Severity.ERROR,
    title="retention below the declared regime (information: 2555 days are less than seven calendar years)",
    why="A trail that is deleted before the rule book allows it cannot be brought back.",
    mend="raise `audit.retention_days`",
    check=check,
)
