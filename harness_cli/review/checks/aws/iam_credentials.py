"""IAM-03 to IAM-06: what users sign in with."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import UserCredentials
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import Seen, account_subject, at, bad, each_account, said, sourced
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed

Users: TypeAlias = Known[tuple[UserCredentials, ...]]
_OLD = timedelta(days=90)
_UNUSED = timedelta(days=45)
_TWO = 2


@check(
    "IAM-03",
    "Console user without MFA",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.9 FSBP//IAM.5 NIST-800-53r5//IA-2(1) SOC2//CC6.1",
    remediation="Register an MFA device for the user, or take its password away.",
)
def console_mfa(case: Case) -> Iterator[Outcome]:
    """IAM-03: whoever has a password has MFA."""

    def judge(user: UserCredentials, who: Subject, fact: Fact[None]) -> Outcome:
        seen = _seen(user, fact, f"mfa {str(user.mfa).lower()}")
        if not user.has_password:
            return not_applicable("the user has no password", who, evidence=seen)
        return said(user.mfa, "the user has MFA", "the user has a password and no MFA", who, evidence=seen)

    return _each_user(case, judge)


@check(
    "IAM-04",
    "Access key is older than 90 days",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.13 FSBP//IAM.3 NIST-800-53r5//IA-5",
    remediation="Replace the key by a role, or rotate it.",
)
def old_keys(case: Case) -> Iterator[Outcome]:
    """IAM-04: the age of active keys."""

    def judge(user: UserCredentials, who: Subject, fact: Fact[None]) -> Outcome:
        active = [key for key in user.keys if key.active]
        if not active:
            return not_applicable("the user has no active access key", who, evidence=_seen(user, fact))
        dates = [key.created for key in active if key.created is not None]
        if len(dates) < len(active):
            return not_evaluated(Unread(Reason.EXCEPTION, "the age of a key is not known", _seen(user, fact)), who)
        days = max(0, (case.now - min(dates)).days)  # a key made during the run is younger than its start
        seen = _seen(user, fact, f"{days} days")
        return said(days <= _OLD.days, "keys are young enough", f"a key is {days} days old", who, evidence=seen)

    return _each_user(case, judge)


@check(
    "IAM-05",
    "Credential has not been used for 45 days",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.11 FSBP//IAM.22 NIST-800-53r5//AC-2(3)",
    remediation="Take the password or the key away.",
)
def unused(case: Case) -> Iterator[Outcome]:
    """IAM-05: passwords and active keys that nobody uses."""

    def judge(user: UserCredentials, who: Subject, fact: Fact[None]) -> Outcome:
        since = [_password_since(user), *(_key_since(user, n) for n, key in enumerate(user.keys) if key.active)]
        asked = [one for one in since if one is not _NONE]
        seen = _seen(user, fact)
        if not asked:
            return not_applicable("the user has no active credential", who, evidence=seen)
        stale = [one for one in asked if isinstance(one, datetime) and case.now - one > _UNUSED]
        certain = [one for one in stale if not _is_guess(user, one)]
        if certain:
            days = (case.now - min(certain)).days
            return bad(f"a credential has not been used for {days} days", who, evidence=seen)
        if stale or None in asked:
            return not_evaluated(
                Unread(Reason.UNSUPPORTED_API, "the last use is in the credential report only", seen), who
            )
        return passed("every credential is in use", who, evidence=seen)

    return _each_user(case, judge)


@check(
    "IAM-06",
    "User has two active access keys",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.12 NIST-800-53r5//IA-5",
    remediation="Finish the rotation: deactivate the older key.",
)
def two_keys(case: Case) -> Iterator[Outcome]:
    """IAM-06: one active key at most."""

    def judge(user: UserCredentials, who: Subject, fact: Fact[None]) -> Outcome:
        count = sum(key.active for key in user.keys)
        seen = _seen(user, fact, f"{count} active keys")
        return said(count < _TWO, "one active key at most", "the user has two active keys", who, evidence=seen)

    return _each_user(case, judge)


def _seen(user: UserCredentials, fact: Fact[None], value: str = "") -> Seen:
    """Every call about the user, or its line of the report."""
    if user.source:
        return tuple(evidence.at_pointer(evidence.pointer, value) for evidence in user.source)
    return at(fact, user.pointer, value)


_NONE = object()  # there is no such credential


def _password_since(user: UserCredentials) -> object:
    """When the password was last used, or set; None where nobody knows."""
    return (user.password_last_used or user.password_changed) if user.has_password else _NONE


def _key_since(user: UserCredentials, index: int) -> object:
    key = user.keys[index]
    return (key.last_used or key.created) if key.used_known else None


def _is_guess(user: UserCredentials, since: datetime) -> bool:
    """Whether the date is that of a password whose uses nobody told us."""
    return not user.password_use_known and since == user.password_changed


def _each_user(case: Case, judge: Callable[[UserCredentials, Subject, Fact[None]], Outcome]) -> Iterator[Outcome]:
    def judge_all(account: str, fact: Users) -> Iterator[Outcome]:
        users = [user for user in fact.value if not user.is_root]
        if not users and not fact.gaps:
            yield not_applicable("the account has no users", account_subject(account), evidence=fact.evidence[:1])
        for user in users:
            yield judge(user, Subject("aws_iam_user", user.arn, account, "aws-global"), sourced(user.source, fact))
        for gap in fact.gaps:
            yield not_evaluated(gap.unread, Subject(gap.kind, gap.uid, account, "aws-global"))

    return each_account(case, lambda facts: facts.credentials, judge_all)
