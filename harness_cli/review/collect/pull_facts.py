"""Reductions of GitHub's lists: answers in declared shape in, facts of `review.facts` out. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Fact, Known, Unread, reduced
from harness_cli.review.facts import ChangedFile, CheckRun, Commit, ForcePush, Review, ScanAlerts

Answer = Mapping[str, Any]  # Any: the declared result of an operation
Answers = Sequence[Answer]

_CO_AUTHOR: Final = re.compile(
    r"^co-authored-by:[^<\n]{0,200}<([^<>\s]{1,254})>[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_NOREPLY: Final = re.compile(
    r"(?:[0-9]{1,12}\+)?([A-Za-z0-9-]{1,39}(?:\[bot\])?)@users\.noreply\.[A-Za-z0-9.-]+", re.ASCII
)
_BOT: Final = "[bot]"


def moment(text: str | None) -> datetime | None:
    """A time, where there is one."""
    return parse_rfc3339(text) if text else None


def login(user: Answer | None) -> str:
    """Whose account; "" for a deleted one."""
    return str(user["login"]) if user else ""


def logins(users: Answers) -> tuple[str, ...]:
    """Whose accounts."""
    return tuple(map(login, users))


def is_public(repository: Mapping[str, Any]) -> bool | None:  # Any: the declared result
    """Whether everybody sees a repository; None where GitHub does not say."""
    private = repository.get("private")
    return None if private is None else not private


def is_bot(user: Answer | None) -> bool:
    """Whether an account is no person's."""
    return bool(user) and (user["type"] == "Bot" or user["login"].endswith(_BOT)) if user else False


def reviews(answers: Answers) -> tuple[Review, ...]:
    """Submitted reviews; a pending one has no time and is nobody's word yet."""
    return tuple(
        Review(
            user=login(one["user"]),
            is_bot=is_bot(one["user"]),
            state=one["state"],
            commit_id=one["commit_id"] or "",
            submitted_at=parse_rfc3339(one["submitted_at"]),
        )
        for one in answers
        if one.get("submitted_at")
    )


def commits(fact: Fact[Any], expected: int) -> Fact[tuple[Commit, ...]]:
    """The commits; unread where GitHub lists fewer than it counts (it stops at 250)."""
    return _whole(reduced(fact, lambda answers: tuple(map(_commit, answers))), expected, "commits")


def files(fact: Fact[Any], expected: int) -> Fact[tuple[ChangedFile, ...]]:
    """The changed files; unread where GitHub lists fewer than it counts (it stops at 3,000)."""
    return _whole(reduced(fact, lambda answers: tuple(map(_file, answers))), expected, "changed files")


def _whole(fact: Fact[Any], expected: int, what: str) -> Fact[Any]:
    if isinstance(fact, Known) and len(fact.value) < expected:
        detail = f"GitHub lists {len(fact.value)} of {expected} {what}"
        return Unread(Reason.TRUNCATED, detail, fact.evidence)
    return fact


def _commit(one: Answer) -> Commit:
    said, proof = one["commit"], one["commit"]["verification"]
    dated = said["committer"] or said["author"]
    return Commit(
        sha=one["sha"],
        author=login(one["author"]),
        committer=login(one["committer"]),
        co_authors=tuple(dict.fromkeys(co_authors(said["message"]))),
        verified=proof["verified"],
        verification_reason=proof["reason"],
        at=parse_rfc3339(dated["date"]) if dated else _UNDATED,
    )


_UNDATED: Final = parse_rfc3339("1970-01-01T00:00:00Z")


def co_authors(message: Untrusted) -> Iterator[str]:
    """Who else wrote a commit, by its trailers: logins where the address tells, else the digest of the address."""
    for address in _CO_AUTHOR.findall(message.for_parser()):
        known = _NOREPLY.fullmatch(address)
        digest = hashlib.sha256(address.casefold().encode()).hexdigest()[:16]
        yield known[1] if known else f"sha256:{digest}"


def _file(one: Answer) -> ChangedFile:
    return ChangedFile(
        path=one["filename"],
        status=one["status"],
        previous_path=one.get("previous_filename", ""),
        additions=one["additions"],
        deletions=one["deletions"],
        patch=one.get("patch"),
        blob=one.get("sha") or "",
    )


def check_runs(runs: Fact[Any], statuses: Fact[Any]) -> Fact[tuple[CheckRun, ...]]:
    """Check runs and commit statuses together; unread where one of both is: a required one may be among them."""
    if isinstance(runs, Unread):
        return runs
    if isinstance(statuses, Unread):
        return statuses
    found = (*map(_check_run, runs.value), *map(_status, statuses.value))
    return Known(found, (*runs.evidence, *statuses.evidence))


def _check_run(one: Answer) -> CheckRun:
    return CheckRun(
        name=one["name"],
        status=one["status"],
        conclusion=one["conclusion"] or "",
        app_id=one["app"]["id"] if one["app"] else None,
        completed_at=moment(one["completed_at"]),
    )


def _status(one: Answer) -> CheckRun:
    state = one["state"]
    pending = state == "pending"
    conclusion = {"success": "success", "pending": ""}.get(state, "failure")
    return CheckRun(
        name=one["context"],
        status="in_progress" if pending else "completed",
        conclusion=conclusion,
        completed_at=None if pending else parse_rfc3339(one["updated_at"]),
    )


def scan_alerts(head: Fact[Any], base: Fact[Any]) -> Fact[ScanAlerts]:
    """Alerts that are open at the head and not in the base branch: an alert has one number wherever it stands.

    A base branch that was never scanned has none; one that could not be read leaves what is open at the head unknown.
    """
    if isinstance(head, Unread):
        return head
    if isinstance(base, Unread) and base.reason is not Reason.NOT_CONFIGURED and head.value:
        return base
    before = {one["number"] for one in base.value} if isinstance(base, Known) else set()
    counts = Counter(_severity(one["rule"]) for one in head.value if one["number"] not in before)
    return Known(ScanAlerts(dict(sorted(counts.items()))), (*head.evidence, *base.evidence))


def _severity(rule: Answer) -> str:
    """The security severity where a rule has one."""
    return str(rule.get("security_severity_level") or rule.get("severity") or "unknown").lower()


def scan_tools(analyses: Fact[Any], head: str) -> Fact[tuple[str, ...]]:
    """Tools that analysed exactly the head commit."""
    return reduced(
        analyses, lambda found: tuple(sorted({str(one["tool"]["name"]) for one in found if one["commit_sha"] == head}))
    )


def force_pushes(timeline: Answers) -> tuple[ForcePush, ...]:
    """Force pushes of the head branch, oldest first."""
    found = [
        ForcePush(login(one.get("actor")), parse_rfc3339(one["created_at"]))
        for one in timeline
        if one.get("event") == "head_ref_force_pushed" and one.get("created_at")
    ]
    return tuple(sorted(found, key=lambda push: push.at))


def rule_suite(suites: Fact[Any], merge_sha: str | None) -> Fact[str]:
    """How the rules judged the push that merged; a bypass prevails over other words about the same commit."""
    results = reduced(suites, lambda found: {str(one["result"]) for one in found if one["after_sha"] == merge_sha})
    return reduced(results, lambda found: next((word for word in ("bypass", "fail", "pass") if word in found), ""))
