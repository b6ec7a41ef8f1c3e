"""X-13: what stays and depends on what a change deletes: rules, interfaces, trusts, attachments, key policies."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Document, Holder, NamedPolicy, Statement
from harness_cli.review.aws_facts.network import SecurityGroup
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, evidence_of, first_unread, label, pull_subject, some
from harness_cli.review.checks.cross_live import on_code
from harness_cli.review.checks.cross_match import Twin, named, twins, unread_lists, whole_type
from harness_cli.review.checks.diff_rules import block_subject, code_evidence
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import Outcome, check, failed, not_evaluated, passed

_REFERRED: Final = frozenset(  # what others refer to, as far as the facts tell
    ["aws_security_group", "aws_iam_role", "aws_iam_user", "aws_iam_policy", "aws_kms_key"]
)


@check(
    "X-13",
    "Nothing outside the change depends on what it deletes",
    Severity.HIGH,
    sources=(System.GITHUB, System.AWS),
    controls="NIST-800-53r5//CM-4",
    remediation="Move the dependants to something else first, in a change of their own.",
    release=2,
)
@on_code
def no_dependants_left(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """A resource that goes is not referred to by a live one that stays."""
    going = [(block, _live(case, block, change)) for block in change.removed if whole_type(block.type) == block.type]
    leaving = {twin.arn for _, found in going if not isinstance(found, Unread) for twin in found}
    said = False
    for block, found in going:
        place = block_subject(pull.value, block)
        if isinstance(found, Unread):
            said = True
            yield not_evaluated(found, place)
            continue
        for twin in found:
            users = _users(case, twin, leaving, change)
            if isinstance(users, Unread):
                said = True
                yield not_evaluated(users, place)
            elif users.value:
                said = True
                yield failed(
                    f"{label(block.address)} goes, and {some(users.value)} depend on it",
                    Subject(block.type, twin.arn, twin.account, twin.region),
                    place,
                    evidence=(*users.evidence, *code_evidence(pull, block.path, block.line)),
                )
    if not said:
        message = f"{count(leaving, 'live resource')} to go, and nothing that stays depends on it"
        yield passed(message, pull_subject(pull.value.ref), evidence=evidence_of(pull, pull.value.files))


def _live(case: Case, block: Block, change: IacChange) -> tuple[Twin, ...] | Unread:
    """The live resources that a removed block is; of those that others may refer to, why they cannot be told."""
    who = named(block, change.before)
    found = twins(case.aws, who) if who else ()
    if found or block.type not in _REFERRED:
        return found
    if who is None:
        detail = f"the code does not tell which live resource {label(block.address)} is"
        return Unread(Reason.MISSING_MAPPING, detail)
    return next(iter(unread_lists(case.aws, block.type)), ())


def _users(case: Case, twin: Twin, leaving: set[str], change: IacChange) -> Known[tuple[str, ...]] | Unread:
    """Ids of live things that refer to a resource; unread where none is known and some could not be looked at."""
    if isinstance(twin.resource, Holder | NamedPolicy):
        held = _holders(twin, leaving)
        if held or not isinstance(twin.resource, Holder):
            return Known(held, twin.fact.evidence)
        return _keys(case, twin.arn, change, twin.fact.evidence)
    if not isinstance(twin.resource, SecurityGroup):
        return Known((), twin.fact.evidence)
    return _carriers(case, twin, leaving)


def _carriers(case: Case, twin: Twin, leaving: set[str]) -> Known[tuple[str, ...]] | Unread:
    """Groups whose rules name a security group, interfaces that carry it."""
    found: list[str] = []
    evidence, unread = twin.fact.evidence, None
    for place in case.aws.places():
        groups, interfaces = case.aws.region(place).security_groups, case.aws.region(place).interfaces
        unread = unread or first_unread(groups, interfaces)
        evidence += evidence_of(groups, interfaces)
        found += [
            group.id
            for group in (groups.value if isinstance(groups, Known) else ())
            if group.arn not in leaving and any(twin.resource.id in rule.groups for rule in group.ingress)
        ]
        listed = interfaces.value if isinstance(interfaces, Known) else ()
        found += [one.id for one in listed if twin.resource.id in one.groups]
    return unread if unread and not found else Known(tuple(found), tuple(dict.fromkeys(evidence)))


def _holders(twin: Twin, leaving: set[str]) -> tuple[str, ...]:
    """Roles that trust a role or user, holders of a policy: what stays and would miss it."""
    stay = [holder for holder in twin.fact.value.holders if holder.arn not in leaving]
    if isinstance(twin.resource, NamedPolicy):
        held = [h for h in stay if any(policy.arn == twin.arn for policy in h.policies)]
    else:
        held = [h for h in stay if h.arn != twin.arn and h.trust and _trusts(h.trust.statements, twin.arn)]
    return tuple(holder.arn for holder in held)


def _trusts(statements: Sequence[Statement], arn: str) -> bool:
    return any(s.allows and any(p.value == arn for p in s.principals) for s in statements)


def _keys(case: Case, arn: str, change: IacChange, seen: tuple[Evidence, ...]) -> Known[tuple[str, ...]] | Unread:
    """Keys whose policy lets a role or user in; a key has no name in code, so that an edit of one may be of any."""
    facts = [case.aws.region(place).keys for place in case.aws.places()]
    keys = [key for fact in facts if isinstance(fact, Known) for key in fact.value if key.state != "PendingDeletion"]
    named = [key for key in keys if isinstance(key.policy, Known) and _lets_in(key.policy.value, arn)]
    evidence = tuple(dict.fromkeys((*seen, *evidence_of(*facts), *evidence_of(*(key.policy for key in named)))))
    if named and any(pair.is_changed for pair in change.of_type("aws_kms_key", "aws_kms_key_policy")):
        detail = (
            f"the policy of {some(key.arn for key in named)} names it, and the code does not tell which keys it edits"
        )
        return Unread(Reason.MISSING_MAPPING, detail, evidence)
    gaps = (gap.unread for fact in facts if isinstance(fact, Known) for gap in fact.gaps)
    unread = first_unread(*facts, *(key.policy for key in keys)) or next(gaps, None)
    return unread if unread and not named else Known(tuple(key.arn for key in named), evidence)


def _lets_in(policy: Document | None, arn: str) -> bool:
    return policy is not None and _trusts(policy.statements, arn)
