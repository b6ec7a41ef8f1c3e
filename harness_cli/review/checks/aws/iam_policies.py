"""IAM-07, IAM-08, IAM-11: what identities may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Authorization, Document, Holder, NamedPolicy
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_account
from harness_cli.review.evaluators.aws_policies import aws_policy
from harness_cli.review.evaluators.escalation import Administrator, Self, open_ways
from harness_cli.review.evaluators.escalation_table import Way
from harness_cli.review.evaluators.iam_document import Grant, admin_grant
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.finding import Confidence, Severity, Subject
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed


@dataclass(frozen=True, slots=True)
class _Estate:
    """What the whole account says, whichever holder is judged."""

    now: datetime
    administrators: tuple[Administrator, ...]


_EMPTY = Document(())
_UNREADABLE = "a policy of the identity could not be read or understood"


@check(
    "IAM-07",
    "Identity is an administrator",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.15 FSBP//IAM.1 NIST-800-53r5//AC-6 SOC2//CC6.3",
    remediation="Give the identity the actions that it uses; keep administration for one break-glass role.",
    data_class="restricted",
)
def administrators(case: Case) -> Iterator[Outcome]:
    """IAM-07: a user, role or group with every action on every resource, in any spelling."""
    return each_account(case, lambda facts: facts.authorization, _administrators)


@check(
    "IAM-08",
    "Identity can give itself more rights",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="NIST-800-53r5//AC-6 SOC2//CC6.3",
    remediation="Take one action of the combination away, or narrow its resources to what the identity owns.",
    data_class="restricted",
)
def escalation(case: Case) -> Iterator[Outcome]:
    """IAM-08: a combination of actions that leads to more rights."""

    def judge(account: str, fact: Known[Authorization]) -> Iterator[Outcome]:
        return _escalation(account, fact, case.now)

    return each_account(case, lambda facts: facts.authorization, judge)


@check(
    "IAM-11",
    "Policy is attached straight to a user",
    Severity.LOW,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/1.14 FSBP//IAM.2 NIST-800-53r5//AC-6",
    remediation="Attach the policy to a group or role, and take it from the user.",
)
def direct_policies(case: Case) -> Iterator[Outcome]:
    """IAM-11: a user with policies of its own."""
    return each_account(case, lambda facts: facts.authorization, _direct)


def _administrators(account: str, fact: Known[Authorization]) -> Iterator[Outcome]:
    holders = _own_holders(fact.value)
    if not holders:
        yield not_applicable(
            "the account has no users, roles or groups", account_subject(account), evidence=fact.evidence
        )
    for holder in holders:
        yield _administrator(account, holder, fact)


def _administrator(account: str, holder: Holder, fact: Known[Authorization]) -> Outcome:
    who, seen = _subject(account, holder), at(fact, holder.pointer)
    borrowed = [policy for group in _groups(fact.value, holder) for policy in group.policies]
    boundary = _boundary(holder)
    own = _own_admin(holder, borrowed)
    if own is None and borrowed and _admin_of(borrowed, boundary):
        return not_applicable("administrator through a group only, which has its own row", who, evidence=seen)
    found = own or _admin_of([*holder.policies, *borrowed], boundary)
    if found is not None:
        return _admin_row(who, fact, *found)
    unread = _unread([*_own(holder), *borrowed], seen)
    return (
        not_evaluated(unread, who) if unread else passed(f"the {holder.kind} is no administrator", who, evidence=seen)
    )


def _own_admin(holder: Holder, borrowed: Sequence[NamedPolicy]) -> tuple[NamedPolicy, Grant] | None:
    """The holder's own policy that makes an administrator, unless a group's policy takes the rights away."""
    boundary = _boundary(holder)
    together = _admin_of([*holder.policies, *borrowed], boundary)
    return _admin_of(holder.policies, boundary) if together else None


def _admin_row(who: Subject, fact: Known[Authorization], policy: NamedPolicy, grant: Grant) -> Outcome:
    pointer = policy.pointer + grant.statement.pointer if policy.pointer else ""
    return bad(
        f"allows every action on every resource{' under a condition' if grant.conditional else ''}",
        who,
        evidence=at(fact, pointer, _policy_label(policy)),
        confidence=Confidence.MEDIUM if grant.conditional else Confidence.HIGH,
    )


def _admin_of(policies: Sequence[NamedPolicy], boundary: Document | None) -> tuple[NamedPolicy, Grant] | None:
    """The policy that makes an administrator, with its statement."""
    grant = admin_grant([_text(policy) for policy in policies], boundary)
    return (policies[grant.source], grant) if grant is not None else None


def _escalation(account: str, fact: Known[Authorization], now: datetime) -> Iterator[Outcome]:
    holders = _own_holders(fact.value)
    if not holders:
        yield not_applicable(
            "the account has no users, roles or groups", account_subject(account), evidence=fact.evidence
        )
    estate = _Estate(now, tuple(_administrators_of(fact.value)))
    for holder in holders:
        yield _escalates(account, holder, fact, estate)


def _administrators_of(facts: Authorization) -> Iterator[Administrator]:
    """The account's administrators, each role with the services that it trusts."""
    for holder in _own_holders(facts):
        borrowed = [policy for group in _groups(facts, holder) for policy in group.policies]
        if _admin_of([*holder.policies, *borrowed], _boundary(holder)):
            statements = holder.trust.statements if holder.trust else ()
            trusted = (g.value for s in statements if s.allows for g in s.principals if g.kind == "Service")
            yield Administrator(holder.arn, frozenset(trusted))


def _escalates(account: str, holder: Holder, fact: Known[Authorization], estate: _Estate) -> Outcome:
    who, seen = _subject(account, holder), at(fact, holder.pointer)
    groups = _groups(fact.value, holder)
    borrowed = [policy for group in groups for policy in group.policies]
    if _own_admin(holder, borrowed):
        return not_applicable("an administrator needs no way to more rights (IAM-07)", who, evidence=seen)
    alone = [way for group in groups for way in _ways(group, group.policies, (), estate)]
    together = _ways(holder, [*holder.policies, *borrowed], groups, estate)
    own = _ways(holder, holder.policies, groups, estate)
    ways = [way for way in together if way in own or way not in alone]
    if ways:
        more = f", and {len(ways) - 1} more" if len(ways) > 1 else ""
        actions = " + ".join(ways[0].actions)
        return bad(f"{ways[0].name} ({actions}){more}", who, evidence=at(fact, holder.pointer, actions))
    unread = _unread([*_own(holder), *borrowed], seen)
    if unread is not None:
        return not_evaluated(unread, who)
    if any(way in alone for way in together):
        return not_applicable("through a group only, which has its own row", who, evidence=seen)
    return passed("no known combination leads to more rights", who, evidence=seen)


def _ways(holder: Holder, policies: Sequence[NamedPolicy], groups: Sequence[Holder], estate: _Estate) -> list[Way]:
    customer = (policy.arn for policy in policies if policy.arn and not policy.is_aws_managed)
    members = [f"{holder.arn.split(':group/')[0]}:user/${{aws:username}}"] if holder.kind == "group" else []
    arns = (holder.arn, *members, *(group.arn for group in groups), *customer)
    own = Self(arns, holder.name if holder.kind == "user" else "", estate.administrators)
    return list(open_ways([_text(policy) for policy in policies], _boundary(holder), holder=own, now=estate.now))


def _direct(account: str, fact: Known[Authorization]) -> Iterator[Outcome]:
    users = fact.value.of_kind("user")
    if not users:
        yield not_applicable("the account has no users", account_subject(account), evidence=fact.evidence)
    for user in users:
        seen = at(fact, user.pointer, f"{len(user.policies)} policies")
        who = _subject(account, user)
        if user.policies:
            yield bad("the user has policies of its own", who, evidence=seen)
        else:
            yield passed("the user gets its rights from groups only", who, evidence=seen)


def _own_holders(facts: Authorization) -> tuple[Holder, ...]:
    return tuple(holder for holder in facts.holders if not holder.is_service_linked)


def _groups(facts: Authorization, holder: Holder) -> tuple[Holder, ...]:
    return tuple(group for group in facts.of_kind("group") if group.name in holder.groups)


def _text(policy: NamedPolicy) -> Document:
    """A policy's text; of AWS's own policies what our table knows of them; nothing of what is not known."""
    known = policy.document or (aws_policy(policy.name) if policy.is_aws_managed else None)
    return known or _EMPTY


def _boundary(holder: Holder) -> Document | None:
    """What a boundary leaves; one whose text is not known leaves nothing."""
    return _text(holder.boundary) if holder.boundary is not None else None


def _own(holder: Holder) -> list[NamedPolicy]:
    return [*holder.policies, *([holder.boundary] if holder.boundary else [])]


def _unread(policies: Sequence[NamedPolicy], seen: Sequence[Evidence]) -> Unread | None:
    """What keeps a judgement of these policies from being whole."""
    if any(policy.malformed for policy in policies):
        return Unread(Reason.EXCEPTION, _UNREADABLE, tuple(seen))
    new = [policy.name for policy in policies if policy.is_aws_managed and aws_policy(policy.name) is None]
    if not new:
        return None
    return Unread(Reason.MISSING_MAPPING, f"AWS's policy `{new[0]}` is not in our table of what they give", tuple(seen))


def _subject(account: str, holder: Holder) -> Subject:
    return Subject(f"aws_iam_{holder.kind}", holder.arn, account, "aws-global")


def _policy_label(policy: NamedPolicy) -> str:
    return policy.arn or f"inline {policy.name}"
