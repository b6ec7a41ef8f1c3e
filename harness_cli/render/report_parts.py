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
MARKS: Final = {"introduced": "+", "unknown": "?", "pre_existing": "=", "fixed": "-"}
ORIGINS: Final = {
    "introduced": "this change brings it",
    "unknown": "origin not known",
    "pre_existing": "it was there before",
    "fixed": "this change ends it",
}
STATUS_WORDS: Final = {
    "FAIL": "failed",
    "NOT_EVALUATED": "not evaluated",
    "MANUAL": "to look at by hand",
    "PASS": "passed",
    "NOT_APPLICABLE": "not applicable",
}
_SERVICES: Final = {"elasticloadbalancing": "elb", "elasticfilesystem": "efs", "secretsmanager": "secrets"}
_SHAREABLE: Final = frozenset({"public", "internal"})  # a class that nobody ranked is treated as restricted
_CODE: Final = re.compile(r"[^\s,;()'\"]+#[^\s,;()'\"]*[^\s,;()'\":]")  # acme/infra/net/sg.tf#aws_security_group.web
_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d*:[^\s,;()'\"]*[^\s,;()'\":]")


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
    """Every failed finding in the order of the document, those that are waived after those that count."""
    failed = [finding for finding in document["findings"] if finding["status"] == "FAIL"]
    return sorted(failed, key=lambda finding: bool(finding["waiver"]))


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


def not_looked_at(document: Document) -> list[str]:
    """What leaves the review incomplete; checks that lack the same thing for the same reason in one sentence."""
    groups: dict[str, list[str]] = {}
    for sentence in document["verdictDetail"]["unread"]:
        check, _, why = str(sentence).partition(": ")
        groups.setdefault(why, []).append(check)
    return [f"{_checks_of(listed)}: {why}" for why, listed in groups.items()]


def _checks_of(listed: Sequence[str]) -> str:
    """`RDS-01, X-06`; a check alone with its place."""
    return listed[0] if len(listed) == 1 else ", ".join(dict.fromkeys(one.partition(" ")[0] for one in listed))


def changes(document: Document) -> list[str]:
    """The ticket and the pull requests; empty for a posture review."""
    subject = document["subject"]
    return [change for change in (subject["ticket"], *subject["pullRequests"]) if change]


def lowering(document: Document) -> list[str]:
    """What would lower the verdict; the same sentence once, with how many findings it speaks of."""
    counts = Counter(document["verdictDetail"]["lowering"])
    return [f"{sentence} ({count} findings)" if count > 1 else sentence for sentence, count in counts.items()]


def counted(document: Document) -> str:
    """`9 failed (7 there before), 2 not evaluated, 31 passed`: worst first, nothing that is nought."""
    counts = Counter(finding["status"] for finding in document["findings"])
    words = {**STATUS_WORDS, "FAIL": f"failed{_of_these(failures(document))}"}
    return ", ".join(f"{counts[status]} {word}" for status, word in words.items() if counts[status]) or "no check"


def fails_on(document: Document) -> str:
    """`--fail-on high is reached`: what a pipeline makes of the findings."""
    detail = document["verdictDetail"]
    return f"--fail-on {detail['failOn']} is {'' if detail['reachesFailOn'] else 'not '}reached"


def _of_these(failed: Sequence[Row]) -> str:
    said = set_aside(failed)
    return f" ({said})" if said else ""


def set_aside(failed: Sequence[Row]) -> str:
    """How many failures are no word against the change: `7 there before, 1 waived`; empty without one."""
    waived = sum(bool(finding["waiver"]) for finding in failed)
    before = sum(is_set_aside(finding) for finding in failed) - waived
    return ", ".join(f"{count} {word}" for count, word in ((before, "there before"), (waived, "waived")) if count)


def is_set_aside(finding: Row) -> bool:
    """Whether a failure is no word against the change: waived, or there before it."""
    return bool(finding["waiver"]) or finding["origin"] == "pre_existing"


def level_so_far(document: Document) -> str:
    """The level reached where the review is incomplete; else empty."""
    detail = document["verdictDetail"]
    return str(detail["level"]) if detail["incomplete"] else ""


def worst(findings: Iterable[Row]) -> str:
    """The worst severity among failures that count; empty without one."""
    said = {finding["severity"] for finding in findings if finding["status"] == "FAIL" and not finding["waiver"]}
    return next((severity for severity in SEVERITIES if severity in said), "")


@dataclass(frozen=True, slots=True)
class Places:
    """Names resources shortly: an account or a region is named only where the review saw more than one."""

    with_account: bool
    with_region: bool
    in_code: Mapping[str, str]  # addresses as `aws_security_group.web` by uid, where no other resource has the same

    def of(self, finding: Row) -> str:
        """File and line, or the short name of the first resource, and how many more there are."""
        resources: Sequence[Row] = finding["resources"]
        if not resources:
            return ""
        shown = self.resource(resources[0])
        return f"{shown} (+{len(resources) - 1})" if len(resources) > 1 else shown

    def resource(self, resource: Row) -> str:
        """A resource in code by file and line, a live one by its short name."""
        iac, uid = resource.get("iac"), str(resource["uid"])
        if iac and not uid.startswith("arn:"):
            return f"{iac['path']}:{iac['line']}"
        return self.short(uid, resource["region"], resource["account"])

    def short(self, uid: str, region: str = "", account: str = "") -> str:
        """An ARN as `ec2 security-group/sg-1`; anything else as it is."""
        parts = uid.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            return uid
        account, region = account or parts[4], region or parts[3]
        if parts[5] == "root":
            name = f"account {account}"
        else:
            name = f"{_SERVICES.get(parts[2], parts[2])} {parts[5]}" + (
                f" of {account}" if self.with_account and account else ""
            )
        return f"{name} {region}" if self.with_region and region and region != "aws-global" else name

    def sentence(self, text: str) -> str:
        """A sentence in which each ARN is shortened, and a resource in code named by its address."""
        named = _CODE.sub(lambda found: self.in_code.get(found[0], found[0]), text)
        return _ARN.sub(lambda found: self.short(found[0]), named)


def places_of(document: Document) -> Places:
    """How resources are named in a document."""
    subject = document["subject"]
    regions = [region for region in subject["regions"] if region != "aws-global"]
    return Places(len(subject["accounts"]) > 1, len(regions) > 1, _addresses(document))


def _addresses(document: Document) -> dict[str, str]:
    resources = (resource for finding in document["findings"] for resource in finding["resources"])
    uids = {
        uid: uid.rpartition("#")[2] for uid in (str(resource["uid"]) for resource in resources if "iac" in resource)
    }
    counts = Counter(uids.values())
    return {uid: address for uid, address in uids.items() if "." in address and counts[address] == 1}


@dataclass(frozen=True, slots=True)
class Group:
    """Failures of one check that say the same of several resources."""

    findings: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """What they share is read from the first."""
        return self.findings[0]

    def places(self, places: Places) -> list[str]:
        """Where each is, without repetition."""
        return list(dict.fromkeys(filter(None, (places.of(finding) for finding in self.findings))))

    @property
    def lines_of_audit(self) -> list[int]:
        """The audit lines of the calls that fed them, each once."""
        return sorted({evidence["auditSeq"] for finding in self.findings for evidence in finding["evidence"]})


def grouped(findings: Iterable[Row]) -> list[Group]:
    """Rows of a table: what is waived last; worst first, what the change brings before what was there."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for finding in findings:
        same = (finding["severity"], finding["origin"], finding["id"], finding["message"], finding["waiver"] or "")
        groups.setdefault(same, []).append(finding)
    order = list(ORIGINS)
    ranked = sorted(
        groups.items(),
        key=lambda item: (bool(item[0][-1]), SEVERITIES.index(item[0][0]), order.index(item[0][1])),
    )
    return [Group(tuple(rows)) for _, rows in ranked]


def middle(text: str, room: int) -> str:
    """At most `room` characters; what is left out stands in the middle, for names differ at both ends."""
    if len(text) <= room:
        return text
    head = (room - 1) // 2
    return text[:head] + ELLIPSIS + text[len(text) - (room - 1 - head) :]


def some_of(checks: Sequence[str], room: int) -> str:
    """As many ids as there is room for, and how many more there are."""
    for count in range(len(checks), 0, -1):
        left = len(checks) - count
        text = ", ".join(checks[:count]) + (f" and {left} more" if left else "")
        if len(text) <= room:
            return text
    return ""


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
