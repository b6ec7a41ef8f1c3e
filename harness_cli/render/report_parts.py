"""What every form of a report has in common: rows, places, marks, and which evidence may be shared."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from harness_cli.guard.clean import ELLIPSIS
from harness_cli.review.report_document import Document

Row: TypeAlias = Mapping[str, Any]  # Any: JSON by schemas/report.v1.schema.json

SEVERITIES: Final = ("critical", "high", "medium", "low")
MARKS: Final = {"introduced": "+", "pre_existing": "=", "fixed": "-", "unknown": "?"}
ORIGINS: Final = {
    "introduced": "this change brings it",
    "pre_existing": "it was there before",
    "fixed": "this change ends it",
    "unknown": "before or after is not known",
}
STATUS_WORDS: Final = {
    "FAIL": "failed",
    "NOT_EVALUATED": "not evaluated",
    "MANUAL": "to look at by hand",
    "PASS": "passed",
    "NOT_APPLICABLE": "not applicable",
}
_SHAREABLE: Final = frozenset({"public", "internal"})  # a class that nobody ranked is treated as restricted
_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d*:[^\s,;()'\"]+")


@dataclass(frozen=True, slots=True)
class Unread:
    """Checks that could not be evaluated for one and the same reason."""

    reason: str
    detail: str
    checks: tuple[tuple[str, int], ...]  # id, how often

    @property
    def counted(self) -> str:
        """`EC2-01, S3-02 (3 times)`."""
        return ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in self.checks)


def failures(document: Document) -> list[Row]:
    """Every failed finding in the order of the document; waived ones are among them."""
    return [finding for finding in document["findings"] if finding["status"] == "FAIL"]


def by_hand(document: Document) -> list[Row]:
    """What somebody has to look at."""
    return [finding for finding in document["findings"] if finding["status"] == "MANUAL"]


def fixes(document: Document) -> list[Row]:
    """What this change ends."""
    return [f for f in document["findings"] if f["origin"] == "fixed" and f["status"] == "PASS"]


def deciding(document: Document) -> list[Row]:
    """The findings that decide, heaviest first."""
    by_uid = {finding["uid"]: finding for finding in document["findings"]}
    return [by_uid[uid] for uid in document["verdictDetail"]["deciding"] if uid in by_uid]


def unread(document: Document) -> list[Unread]:
    """What was not evaluated, grouped by why."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for finding in document["findings"]:
        if finding["status"] == "NOT_EVALUATED":
            key = (finding["reason"] or "", finding["detail"] or finding["message"])
            groups.setdefault(key, Counter())[finding["id"]] += 1
    return [Unread(reason, detail, tuple(sorted(counts.items()))) for (reason, detail), counts in groups.items()]


def changes(document: Document) -> list[str]:
    """The ticket and the pull requests; empty for a posture review."""
    subject = document["subject"]
    return [change for change in (subject["ticket"], *subject["pullRequests"]) if change]


def counted(document: Document) -> str:
    """`9 failed, 2 not evaluated, 31 passed`: worst first, nothing that is nought."""
    counts = Counter(finding["status"] for finding in document["findings"])
    return (
        ", ".join(f"{counts[status]} {word}" for status, word in STATUS_WORDS.items() if counts[status]) or "no check"
    )


def level_so_far(document: Document) -> str:
    """The level reached where the review is incomplete; else empty."""
    detail = document["verdictDetail"]
    return str(detail["level"]) if detail["incomplete"] else ""


def worst(findings: Iterable[Row]) -> str:
    """The worst severity among failures that count; empty without one."""
    said = {finding["severity"] for finding in findings if finding["status"] == "FAIL" and not finding["waiver"]}
    return next((severity for severity in SEVERITIES if severity in said), "")


def place(finding: Row) -> str:
    """Where a finding is: file and line, or the shortened name of its first resource, and how many more."""
    resources: Sequence[Row] = finding["resources"]
    if not resources:
        return ""
    first = resources[0]
    iac = first.get("iac")
    shown = f"{iac['path']}:{iac['line']}" if iac else short_uid(first["uid"], first["region"])
    return f"{shown} (+{len(resources) - 1})" if len(resources) > 1 else shown


def short_uid(uid: str, region: str = "") -> str:
    """An ARN as `ec2 security-group/sg-1`, with its region where that is known; anything else as it is."""
    parts = uid.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return uid
    where = region or parts[3]
    shown = f"{parts[2]} {parts[5]}"
    return f"{shown} {where}" if where and where != "aws-global" else shown


def with_short_arns(sentence: str) -> str:
    """A sentence in which each ARN is shortened."""
    return _ARN.sub(lambda found: short_uid(found[0]), sentence)


def middle(text: str, room: int) -> str:
    """At most `room` characters; what is left out stands in the middle, for names differ at both ends."""
    if len(text) <= room:
        return text
    head = (room - 1) // 2
    return text[:head] + ELLIPSIS + text[len(text) - (room - 1 - head) :]


def lines_of_audit(finding: Row) -> list[int]:
    """The audit lines of the calls that fed a finding, each once."""
    return sorted({evidence["auditSeq"] for evidence in finding["evidence"]})


def shared_value(finding: Row, evidence: Row) -> str:
    """What a shared report shows of a piece of evidence: of class restricted and above nothing but its pointer."""
    return str(evidence["value"]) if finding["dataClass"] in _SHAREABLE else ""


def is_restricted(finding: Row) -> bool:
    """Whether evidence of a finding stays digest and pointer in anything shared."""
    return finding["dataClass"] not in _SHAREABLE


def control_names(finding: Row) -> list[str]:
    """`CIS-AWS 5.0 5.3`, `FSBP EC2.13`."""
    return [" ".join(filter(None, (c["framework"], c["version"], c["id"]))) for c in finding["controls"]]


def started_at(document: Document) -> datetime:
    """When the run began: the time in its trace id (RFC 9562, version 7)."""
    milliseconds = int(str(document["traceId"]).replace("-", "")[:12], 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
