"""Which checks a run judges, and what they say, in an order that never changes."""

from collections.abc import Mapping, Sequence

from harness_cli.config.model import System
from harness_cli.core.errors import UsageError
from harness_cli.review.case import Case
from harness_cli.review.finding import Finding, Severity, Status
from harness_cli.review.registry import Check, all_checks, run_check

_SEVERITIES = list(Severity)
_STATUSES = [Status.FAIL, Status.NOT_EVALUATED, Status.MANUAL, Status.PASS, Status.NOT_APPLICABLE]


def select(wanted: Sequence[str], skipped: Sequence[str], systems: frozenset[System]) -> Mapping[str, Check]:
    """The checks of a run: those of the declared systems, narrowed by --check and --skip.

    Raises: UsageError for an id that no check has.
    """
    known = all_checks()
    for name in (*wanted, *skipped):
        if name not in known:
            raise UsageError(f"no check {name!a:.40}", help="`harness explain checks` lists them")
    return {
        name: check
        for name, check in known.items()
        if (not wanted or name in wanted) and name not in skipped and systems.issuperset(check.sources[:1])
    }


def judge(checks: Mapping[str, Check], case: Case) -> tuple[Finding, ...]:
    """All findings, failures first, then by severity, check and resource."""
    found = [finding for check in checks.values() for finding in run_check(check, case)]
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    first = finding.resources[0].uid if finding.resources else ""
    return (
        _STATUSES.index(finding.status),
        _SEVERITIES.index(finding.severity),
        finding.check,
        first,
        finding.extra,
    )
