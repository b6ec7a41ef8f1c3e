"""The verdict: deterministic, and explained (review.md §5).

The contract:
1. a failure weighs C 40, H 15, M 5, L 1, times its origin (pre-existing half, fixed nothing), times its confidence;
2. BLOCK: a critical that the change introduces, or X-02, X-03 or TKT-03 fails; HIGH: a score of 40, or two highs;
   MEDIUM: a score of 5; LOW: any failure below; NONE: no failure;
3. INCOMPLETE beside any level: a mandatory check was not evaluated, for another reason than that nobody configured
   or granted it. Without `review.mandatory` these are the critical checks of release 1 whose systems are declared.
   A check of any severity leaves the review INCOMPLETE where a service that failed in mid-run kept it from judging;
4. a waived failure is shown and counts nothing;
5. `--fail-on LEVEL` looks at failures of that severity or worse that the change introduces or whose origin is not
   known; `any:LEVEL` at pre-existing ones too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from harness_cli.config.model import Config, System
from harness_cli.core.reasons import Reason
from harness_cli.review.finding import Confidence, Finding, Origin, Severity, Status
from harness_cli.review.registry import Check, all_checks

_WEIGHT: Final = {Severity.CRITICAL: 40.0, Severity.HIGH: 15.0, Severity.MEDIUM: 5.0, Severity.LOW: 1.0}
_ORIGIN: Final = {Origin.INTRODUCED: 1.0, Origin.UNKNOWN: 1.0, Origin.PRE_EXISTING: 0.5, Origin.FIXED: 0.0}
_CONFIDENCE: Final = {Confidence.HIGH: 1.0, Confidence.MEDIUM: 0.7, Confidence.LOW: 0.4}
_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}  # worst first
_BLOCKING: Final = frozenset({"X-02", "X-03", "TKT-03"})
_EXCUSED: Final = frozenset({Reason.NOT_CONFIGURED, Reason.NOT_GRANTED})
_OF_A_SERVICE: Final = frozenset({Reason.EXCEPTION, Reason.THROTTLED, Reason.TRUNCATED})
_HIGH_SCORE: Final = 40.0
_MEDIUM_SCORE: Final = 5.0
_DECIDING: Final = 3
_LOWERING: Final = 5


class Level(StrEnum):
    """How risky the change is, worst last."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    BLOCK = "BLOCK"


INCOMPLETE: Final = "INCOMPLETE"
WORDS: Final = (*(level.value for level in Level), INCOMPLETE)  # every verdict that a report can show


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says of its subject."""

    level: Level
    incomplete: bool
    score: float
    reaches_fail_on: bool
    fail_on: str
    deciding: tuple[str, ...] = ()  # uids of at most three findings, heaviest first
    lowering: tuple[str, ...] = ()  # what would lower the level, in sentences
    unread: tuple[str, ...] = ()  # checks that could not be evaluated and leave the review incomplete, and why
    weights: Mapping[str, float] = field(default_factory=dict)  # uid -> what the finding adds to the score

    @property
    def word(self) -> str:
        """The word that is shown; the level reached so far stands beside INCOMPLETE."""
        return INCOMPLETE if self.incomplete else self.level.value


def judge_verdict(
    findings: Sequence[Finding],
    *,
    config: Config,
    fail_on: str,
    declared: Collection[System],
    checks: Mapping[str, Check] | None = None,
) -> Verdict:
    """The verdict on findings; `declared` are the systems that have a tool. Raises ValueError for an unknown level."""
    known = all_checks() if checks is None else checks
    counted = [finding for finding in findings if counts(finding)]
    unread = tuple(dict.fromkeys(_unread(findings, _mandatory(config, known, declared))))
    ordered = sorted(counted, key=_heaviest_first)
    return Verdict(
        level=level_of(counted),
        incomplete=bool(unread),
        score=_score(counted),
        reaches_fail_on=any(reaches(finding, fail_on) for finding in findings),
        fail_on=fail_on,
        deciding=tuple(finding.uid for finding in ordered[:_DECIDING]),
        lowering=tuple(_lowering(ordered)),
        unread=unread,
        weights={finding.uid: weight_of(finding) for finding in ordered},
    )


def counts(finding: Finding) -> bool:
    """Whether a finding is a failure that nobody answers for."""
    return finding.status is Status.FAIL and not finding.waiver and finding.origin is not Origin.FIXED


def weight_of(finding: Finding) -> float:
    """What a failure adds to the score."""
    weight = _WEIGHT[finding.severity] * _ORIGIN[finding.origin] * _CONFIDENCE[finding.confidence]
    return round(weight, 2)


def reaches(finding: Finding, fail_on: str) -> bool:
    """Whether a finding is at or above `high` or `any:high`. Raises ValueError for an unknown level."""
    scope, _, level = fail_on.rpartition(":")
    if scope not in {"", "any"} or level not in list(Severity):
        raise ValueError(f"not a level: {fail_on!a}")
    worst = _RANK[Severity(level)]
    ours = scope == "any" or finding.origin in {Origin.INTRODUCED, Origin.UNKNOWN}
    return counts(finding) and ours and _RANK[finding.severity] <= worst


def _score(counted: Sequence[Finding]) -> float:
    return round(sum(weight_of(finding) for finding in counted), 2)


def level_of(counted: Sequence[Finding]) -> Level:
    """The level that failures reach together; those that do not count are left out by the caller."""
    if any(_blocks(finding) for finding in counted):
        return Level.BLOCK
    score, severe = _score(counted), [f for f in counted if _RANK[f.severity] <= _RANK[Severity.HIGH]]
    if score >= _HIGH_SCORE or len(severe) > 1:
        return Level.HIGH
    if score >= _MEDIUM_SCORE:
        return Level.MEDIUM
    return Level.LOW if counted else Level.NONE


def _blocks(finding: Finding) -> bool:
    introduced = finding.severity is Severity.CRITICAL and finding.origin is Origin.INTRODUCED
    return introduced or finding.check in _BLOCKING


def _heaviest_first(finding: Finding) -> tuple[bool, float, int, str, str]:
    return (not _blocks(finding), -weight_of(finding), _RANK[finding.severity], finding.check, finding.uid)


def _mandatory(config: Config, known: Mapping[str, Check], declared: Collection[System]) -> frozenset[str]:
    if config.review.mandatory is not None:
        return frozenset(config.review.mandatory)
    return frozenset(
        check.id
        for check in known.values()
        if check.severity is Severity.CRITICAL and check.release == 1 and set(check.sources) <= set(declared)
    )


def _unread(findings: Sequence[Finding], mandatory: frozenset[str]) -> Iterator[str]:
    for finding in findings:
        if finding.status is not Status.NOT_EVALUATED:
            continue
        if _lost(finding) or (finding.check in mandatory and finding.reason not in _EXCUSED):
            where = f" ({finding.resources[0].uid})" if finding.resources else ""
            yield f"{finding.check}{where}: {finding.reason}, {finding.detail}"


def _lost(finding: Finding) -> bool:
    """A service that failed kept the check from judging; code that cannot be parsed is no such service."""
    return finding.reason in _OF_A_SERVICE and any(seen.failed for seen in finding.evidence)


def _lowering(ordered: Sequence[Finding]) -> Iterator[str]:
    """The heaviest failures whose mending brings the next lower level; nothing where no failure counts."""
    now = level_of(ordered)
    left = list(ordered)
    mended: list[Finding] = []
    while left and level_of(left) is now:
        mended.append(left.pop(0))
    if not mended:
        return
    first = mended[:_LOWERING]
    for check, how in dict.fromkeys((finding.check, finding.remediation.rstrip(".")) for finding in first):
        where = dict.fromkeys(f.resources[0].uid for f in first if f.check == check and f.resources)
        yield f"mend {check}{' on ' if where else ''}{', '.join(where)}: {how}"
    more = len(mended) - _LOWERING
    yield (f"and {more} more; " if more > 0 else "") + f"then the level is {level_of(left)}"
