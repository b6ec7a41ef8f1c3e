"""The change against the live estate: X-08 11 12."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Document, Holder, Key, NamedPolicy
from harness_cli.review.aws_facts.network import SecurityGroup
from harness_cli.review.aws_facts.storage import Bucket, DbInstance, Table
from harness_cli.review.case import Case
from harness_cli.review.checks.change import evidence_of, label, on_ticket, some, ticket_subject
from harness_cli.review.checks.cross_live import touched
from harness_cli.review.checks.cross_match import Twin, unread_lists, whole_type
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.risk import Rating, declared, of_changed_code
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.facts import Ticket
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_ALL: Final = (System.JIRA, System.GITHUB, System.AWS)
MANY: Final = 20  # dependants that make a change high
SEVERAL: Final = 5  # … medium
_COUNTED: Final = frozenset(  # whose dependants are known
    ["aws_security_group", "aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy", "aws_kms_key"]
)
_STATEFUL: Final = frozenset({"aws_db_instance", "aws_s3_bucket", "aws_dynamodb_table"})


def touched_twins(case: Case, types: frozenset[str] = frozenset()) -> list[Twin]:
    """The live resources of every changed block (of the given types), each once."""
    found: dict[str, Twin] = {}
    for fact in case.iac.values():
        for pair, twin in touched(fact.value, case) if isinstance(fact, Known) else ():
            if not types or pair.block.type in types:
                found.setdefault(twin.arn, twin)
    return list(found.values())


# --- X-08 -------------------------------------------------------------------------------------------


@check(
    "X-08",
    "Declared risk is not lower than computed risk",
    Severity.HIGH,
    sources=_ALL,
    controls="NIST-800-53r5//CM-4 NIST-800-53r5//RA-3",
    remediation="Raise the ticket's risk rating to what the change and its dependants add up to, and have it approved.",
)
@on_ticket
def risk_is_declared(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """The rating covers the findings of the changed code and the number of live things that hang on it."""
    subject, said = ticket_subject(case), ticket.value.risk
    if said is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.risk` is not configured", subject)
    elif not case.pulls:
        yield not_applicable("the run has no pull request", subject)
    elif (rating := declared(said)) is None:
        detail = f"`{label(said)}` is no known risk rating" if said else "the ticket has no risk rating"
        yield missing(Reason.MISSING_MAPPING, detail, subject)
    else:
        yield _risk(case, ticket, rating)


def _risk(case: Case, ticket: Known[Ticket], rating: Rating) -> Outcome:
    subject, code = ticket_subject(case), of_changed_code(case)
    best, why, unread = code.rating, code.why, code.unread
    evidence = ticket.evidence
    unread = unread or _not_listed(case, _COUNTED)
    for twin in touched_twins(case):
        count = dependants(case, twin)
        if isinstance(count, Unread):
            unread = unread or count
            continue
        evidence += twin.fact.evidence
        live = Rating.HIGH if count.value >= MANY else Rating.MEDIUM if count.value >= SEVERAL else Rating.LOW
        if live > best:
            best, why = live, f"{count.value} live resources depend on {twin.arn}"
    if rating < best:
        message = f"the ticket says {rating.word}, the change is {best.word}: {why}"
        return failed(message, subject, evidence=evidence)
    if unread and rating < Rating.HIGH:
        return not_evaluated(unread, subject)
    if not case.aws.accounts:
        return missing(Reason.NOT_CONFIGURED, "no AWS account was read in this run", subject)
    return passed(f"the ticket says {rating.word}, the change is {best.word}", subject, evidence=evidence)


def _not_listed(case: Case, types: frozenset[str]) -> Unread | None:
    """Why a changed resource of the types may live and not be known here."""
    kinds = {
        whole_type(pair.block.type)
        for fact in case.iac.values()
        for pair in (fact.value.pairs if isinstance(fact, Known) else ())
        if pair.block.mode == "resource" and pair.is_changed
    }
    asked = (unread_lists(case.aws, kind) for kind in sorted(kinds & types)) if case.aws.accounts else ()
    return next((unread for found in asked for unread in found), None)


def dependants(case: Case, twin: Twin) -> Known[int] | Unread:
    """How many live things hang on a resource, as far as the facts tell."""
    if isinstance(twin.resource, SecurityGroup):
        counts: list[Known[int] | Unread] = []
        for place in case.aws.places():
            if (place.account, place.region) == (twin.account, twin.region):
                interfaces = case.aws.region(place).interfaces
                counts.append(
                    interfaces
                    if isinstance(interfaces, Unread)
                    else Known(sum(twin.resource.id in one.groups for one in interfaces.value), interfaces.evidence)
                )
        return counts[0] if counts else Known(0, twin.fact.evidence)
    if isinstance(twin.resource, Holder):
        return Known(_allowed(twin.resource.trust), twin.fact.evidence)
    if isinstance(twin.resource, Key):
        policy = twin.resource.policy
        return policy if isinstance(policy, Unread) else Known(_allowed(policy.value), policy.evidence)
    if isinstance(twin.resource, NamedPolicy):
        holders = twin.fact.value.holders
        held = sum(any(policy.arn == twin.arn for policy in holder.policies) for holder in holders)
        return Known(held, twin.fact.evidence)
    return Known(0, twin.fact.evidence)


def _allowed(document: Document | None) -> int:
    """Who may take a role or use a key: the principals of its policy."""
    statements = document.statements if document else ()
    return len({p.value for statement in statements if statement.allows for p in statement.principals})


# --- X-11 -------------------------------------------------------------------------------------------


@check(
    "X-11",
    "One account: ticket, code, configuration and evidence",
    Severity.HIGH,
    sources=(System.AWS, System.JIRA, System.GITHUB),
    controls="NIST-800-53r5//CM-8",
    remediation="Review the account that the change goes to: name it in the ticket, put it into the scope, and check "
    "the credential. Evidence of another account supports nothing.",
)
def accounts_agree(case: Case) -> Iterator[Outcome]:
    """Who answers is the account that was asked, and ticket and code name no other one."""
    if not case.aws.accounts:
        yield missing(Reason.NOT_CONFIGURED, "no AWS account was read in this run")
        return
    for account in case.aws.accounts:
        yield _caller(case, account)
    if isinstance(case.ticket, Unread):
        yield not_evaluated(case.ticket, ticket_subject(case))
    elif case.ticket is not None:
        yield from _of_ticket(case, case.ticket)
    for ref, fact in sorted(case.iac.items()):
        subject = Subject("github_pull_request", str(ref))
        if isinstance(fact, Unread):
            yield not_evaluated(fact, subject)
            continue
        said = {kind: _seen(fact.value, kind) for kind in ("account", "region")}
        yield from _accounts_elsewhere(case, said["account"], "the code", fact.evidence, subject)
        yield from _regions_elsewhere(case, said["region"], "the code goes to", fact.evidence, subject)


def _of_ticket(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Accounts and regions that the ticket names; where it names no account, those of its environment."""
    subject, value, environments = ticket_subject(case), ticket.value, environments_of(case.config)
    yield from _accounts_elsewhere(case, value.account_ids, "the ticket", ticket.evidence, subject)
    yield from _regions_elsewhere(case, value.regions, "the ticket names", ticket.evidence, subject)
    mapped = environments.mapped.get(name := environments.named(value.environment or ""))
    if mapped and mapped.accounts and not value.account_ids and not set(mapped.accounts) & set(case.aws.accounts):
        said = f"the ticket's environment {label(name)} is account {some(mapped.accounts)}"
        message = f"{said}, the evidence is of {some(case.aws.accounts)}"
        yield failed(message, subject, evidence=ticket.evidence, extra="environment")


def _seen(change: IacChange, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sighting.value for sighting in change.sightings if sighting.kind == kind))


def _caller(case: Case, account: str) -> Outcome:
    subject, caller = Subject("aws_account", f"arn:aws:iam::{account}:root", account), case.aws.account(account).caller
    if isinstance(caller, Unread):
        return not_evaluated(caller, subject)
    if caller.value != account:
        message = f"the credential for {account} answers as {label(caller.value)}"
        return failed(message, subject, evidence=caller.evidence)
    return passed(f"{account} answers as itself", subject, evidence=caller.evidence)


def _accounts_elsewhere(
    case: Case, accounts: Sequence[str], who: str, evidence: tuple[Evidence, ...], subject: Subject
) -> Iterator[Outcome]:
    strange = [account for account in accounts if account not in case.aws.accounts]
    if strange:
        message = f"{who} names account {some(strange)}, the evidence is of {some(case.aws.accounts)}"
        yield failed(message, subject, evidence=evidence)


def _regions_elsewhere(
    case: Case, regions: Sequence[str], who: str, evidence: tuple[Evidence, ...], subject: Subject
) -> Iterator[Outcome]:
    read = dict.fromkeys(place.region for place in case.aws.places())
    if strange := [region for region in regions if region not in read]:
        message = f"{who} region {some(strange)}, the evidence is of {some(read)}"
        yield failed(message, subject, evidence=evidence, extra="region")


# --- X-12 -------------------------------------------------------------------------------------------


@check(
    "X-12",
    "Rollback can work",
    Severity.HIGH,
    sources=_ALL,
    controls="NIST-800-53r5//CP-9 NIST-800-53r5//CP-10",
    remediation="Switch backups, versioning or point-in-time recovery on and wait for the first good copy before the "
    "change, or plan a rollback that needs none.",
)
@on_ticket
def rollback_can_work(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """A plan that restores has something to restore from: for each touched database, bucket and table."""
    subject, plan = ticket_subject(case), ticket.value.rollback
    if plan is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.rollback` is not configured", subject)
    elif not case.pulls or not plan.mentions_restore:
        message = "the plan restores nothing" if case.pulls else "the run has no pull request"
        yield not_applicable(message, subject, evidence=ticket.evidence)
    elif not case.aws.accounts:
        yield missing(Reason.NOT_CONFIGURED, "no AWS account was read in this run", subject)
    else:
        yield from _restorable(case, ticket)


def _restorable(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    subject = ticket_subject(case)
    for fact in case.iac.values():
        if isinstance(fact, Unread):
            yield not_evaluated(fact, subject)
            return
    files = (file.unread for fact in case.iac.values() if isinstance(fact, Known) for file in fact.value.unread)
    stateful, unread = touched_twins(case, _STATEFUL), next(files, None) or _not_listed(case, _STATEFUL)
    changed = any(
        pair.block.type in _STATEFUL and pair.is_changed
        for fact in case.iac.values()
        if isinstance(fact, Known)
        for pair in fact.value.pairs
    )
    if unread:
        yield not_evaluated(unread, subject)
    elif not stateful and changed:
        detail = "none of the stateful resources in the code was found in the account by its name"
        yield missing(Reason.MISSING_MAPPING, detail, subject)
    elif not stateful:
        yield not_applicable("the change touches no stateful resource", subject, evidence=ticket.evidence)
    for twin in stateful:
        yield _copies(twin, ticket, subject)


def _copies(twin: Twin, ticket: Known[Ticket], subject: Subject) -> Outcome:
    live = Subject(_kind(twin.resource), twin.arn, twin.account, twin.region)
    fault = _no_copies(twin.resource)
    if isinstance(fault, Unread):
        return not_evaluated(fault, live, subject)
    evidence = evidence_of(ticket, twin.fact)
    if fault:
        return failed(f"the plan restores {twin.arn}, which {fault}", live, subject, evidence=evidence)
    return passed(f"{twin.arn} can be restored", live, subject, evidence=evidence)


def _no_copies(resource: Any) -> str | Unread:  # Any: one of the three types below
    if isinstance(resource, DbInstance):
        return "" if resource.backup_days else "has no automated backups"
    fact = resource.versioning if isinstance(resource, Bucket) else resource.point_in_time_recovery
    if isinstance(fact, Unread):
        return fact
    if isinstance(resource, Bucket):
        return "" if fact.value == "Enabled" else "keeps no versions"
    return "" if fact.value else "has no point-in-time recovery"


def _kind(resource: Any) -> str:  # Any: as above
    kinds = {DbInstance: "aws_db_instance", Bucket: "aws_s3_bucket", Table: "aws_dynamodb_table"}
    return kinds[type(resource)]
