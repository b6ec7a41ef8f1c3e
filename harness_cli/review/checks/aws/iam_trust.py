"""IAM-09, IAM-10: whom roles trust."""

from collections.abc import Callable, Iterator, Sequence

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Authorization, Document, Holder
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_account
from harness_cli.review.evaluators.trust import TrustFault, federates, oidc_faults, strangers
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed


@check(
    "IAM-09",
    "Role may be assumed by strangers",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Name the principals, and ask a foreign account for an external id.",
    data_class="restricted",
)
def trusts_strangers(case: Case) -> Iterator[Outcome]:
    """IAM-09: everybody, or a foreign account without an external id."""
    own = (*case.aws.accounts, *case.config.accounts.values())

    def judge(account: str, fact: Known[Authorization]) -> Iterator[Outcome]:
        roles = _roles(fact.value)
        if not roles:
            yield not_applicable("the account has no roles", account_subject(account), evidence=fact.evidence)
        for role in roles:
            yield _judged(account, role, fact, lambda trust: strangers(trust, account, own), "trusts nobody unknown")

    return each_account(case, lambda facts: facts.authorization, judge)


@check(
    "IAM-10",
    "Federated role trusts more than one repository",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="NIST-800-53r5//IA-2 NIST-800-53r5//CM-5 SOC2//CC6.1",
    remediation="Name the repository in the token's `sub` (or `repository_id`), and the audience in its `aud`.",
    data_class="restricted",
)
def trusts_repositories(case: Case) -> Iterator[Outcome]:
    """IAM-10: `sub` wider than one repository and no claim that names one, or no `aud`."""

    def judge(account: str, fact: Known[Authorization]) -> Iterator[Outcome]:
        roles = [role for role in _roles(fact.value) if role.trust_malformed or (role.trust and federates(role.trust))]
        if not roles:
            what = account_subject(account)
            yield not_applicable("no role trusts an OpenID Connect provider", what, evidence=fact.evidence)
        for role in roles:
            yield _judged(account, role, fact, oidc_faults, "trusts one repository and one audience")

    return each_account(case, lambda facts: facts.authorization, judge)


def _roles(facts: Authorization) -> tuple[Holder, ...]:
    return tuple(role for role in facts.of_kind("role") if not role.is_service_linked)


def _judged(
    account: str,
    role: Holder,
    fact: Known[Authorization],
    judge: Callable[[Document], Sequence[TrustFault]],
    good: str,
) -> Outcome:
    who = Subject("aws_iam_role", role.arn, account, "aws-global")
    pointer = f"{role.pointer}/AssumeRolePolicyDocument"
    if role.trust is None:
        detail = "the trust policy could not be understood"
        return not_evaluated(Unread(Reason.EXCEPTION, detail, at(fact, pointer)), who)
    faults = judge(role.trust)
    if not faults:
        return passed(good, who, evidence=at(fact, pointer))
    sentence = "; ".join(dict.fromkeys(fault.fault.value for fault in faults))
    return bad(sentence, who, evidence=at(fact, pointer + faults[0].statement.pointer))
