"""IAM-01, IAM-02, IAM-12, IAM-13: the account's own settings."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.review.aws_facts import AccountSummary, Analyzer, PasswordPolicy, Place
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_account, each_region, first_unread, said
from harness_cli.review.evidence import Known
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated, passed

_SHORTEST = 14


@check(
    "IAM-01",
    "Root user has access keys",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.3 FSBP//IAM.4 NIST-800-53r5//AC-6 SOC2//CC6.1",
    remediation="Delete the root user's access keys.",
)
def root_keys(case: Case) -> Iterator[Outcome]:
    """IAM-01: no access key of the root user."""

    def judge(account: str, fact: Known[AccountSummary]) -> Iterator[Outcome]:
        count = fact.value.root_access_keys
        seen = at(fact, "/SummaryMap/AccountAccessKeysPresent", str(count))
        good, wrong = "the root user has no access keys", "the root user has access keys"
        yield said(not count, good, wrong, account_subject(account), evidence=seen)

    return each_account(case, lambda facts: facts.summary, judge)


@check(
    "IAM-02",
    "Root user without MFA",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.4 FSBP//IAM.9 NIST-800-53r5//IA-2(1) SOC2//CC6.1",
    remediation="Give the root user a hardware MFA device.",
)
def root_mfa(case: Case) -> Iterator[Outcome]:
    """IAM-02: MFA of the root user."""

    def judge(account: str, fact: Known[AccountSummary]) -> Iterator[Outcome]:
        seen = at(fact, "/SummaryMap/AccountMFAEnabled", str(int(fact.value.root_mfa)))
        good, wrong = "the root user has MFA", "the root user has no MFA"
        yield said(fact.value.root_mfa, good, wrong, account_subject(account), evidence=seen)

    return each_account(case, lambda facts: facts.summary, judge)


@check(
    "IAM-12",
    "Password policy is short",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.7 FSBP//IAM.7 NIST-800-53r5//IA-5",
    remediation="Ask for 14 characters or more.",
)
def password_policy(case: Case) -> Iterator[Outcome]:
    """IAM-12: at least fourteen characters."""

    def judge(account: str, fact: Known[PasswordPolicy]) -> Iterator[Outcome]:
        length = fact.value.minimum_length
        wrong = f"passwords of {length} characters are enough" if fact.value.exists else "no password policy is set"
        seen = at(fact, "/PasswordPolicy/MinimumPasswordLength", str(length))
        holds = fact.value.exists and length >= _SHORTEST
        yield said(holds, f"passwords have {length} characters", wrong, account_subject(account), evidence=seen)

    return each_account(case, lambda facts: facts.password_policy, judge)


@check(
    "IAM-13",
    "No access analyzer, or findings that nobody looked at",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.19 FSBP//IAM.28 NIST-800-53r5//AC-6",
    remediation="Create an analyzer for external access in each region, and archive or mend what it finds.",
    release=2,
)
def access_analyzer(case: Case) -> Iterator[Outcome]:
    """IAM-13: an active analyzer without active findings."""

    def judge(place: Place, fact: Known[tuple[Analyzer, ...]]) -> Iterator[Outcome]:
        what = account_subject(place.account, place.region)
        active = [analyzer for analyzer in fact.value if analyzer.active]
        counts = [analyzer.findings for analyzer in active]
        total, unread = sum(count.value for count in counts if isinstance(count, Known)), first_unread(counts)
        if not active:
            yield bad("no analyzer for external access is active", what, evidence=at(fact, "/analyzers"))
        elif total:
            yield bad(f"{total} active findings of external access", what, evidence=at(fact, active[0].pointer))
        elif unread is not None:
            yield not_evaluated(unread, what)
        else:
            yield passed("an analyzer is active, and nothing is open", what, evidence=at(fact, active[0].pointer))

    return each_region(case, lambda facts: facts.analyzers, judge)
