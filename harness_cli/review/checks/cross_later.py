"""Second release across sources: X-13 14 15 16."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Holder, Statement
from harness_cli.review.aws_facts.network import SecurityGroup
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, evidence_of, label, moment, on_pulls, pull_subject, some
from harness_cli.review.checks.cross_drift import differences
from harness_cli.review.checks.cross_live import on_code
from harness_cli.review.checks.cross_match import Twin, named, twins
from harness_cli.review.checks.diff_rules import block_subject, code_evidence
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.risk import introduced
from harness_cli.review.evaluators.iam_document import admin_grant, matches
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Severity, Status, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.registry import (
    Outcome,
    all_checks,
    check,
    failed,
    missing,
    not_applicable,
    not_evaluated,
    passed,
)

_CODE: Final = (System.GITHUB, System.AWS)
APPLY_WITHIN: Final = timedelta(hours=24)
_GITHUB_ISSUER: Final = "token.actions.githubusercontent.com"


# --- X-13 -------------------------------------------------------------------------------------------


@check(
    "X-13",
    "Nothing outside the change depends on what it deletes",
    Severity.HIGH,
    sources=_CODE,
    controls="NIST-800-53r5//CM-4",
    remediation="Move the dependants to something else first, in a change of their own.",
    release=2,
)
@on_code
def no_dependants_left(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """A resource that goes is not referred to by a live one that stays."""
    gone = [
        (block, twin)
        for block in change.removed
        if (who := named(block, change.before))
        for twin in twins(case.aws, who)
    ]
    leaving = {twin.arn for _, twin in gone}
    said = False
    for block, twin in gone:
        users = _users(case, twin, leaving)
        if isinstance(users, Unread):
            said = True
            yield not_evaluated(users, block_subject(pull.value, block))
        elif users.value:
            said = True
            yield failed(
                f"{label(block.address)} goes, and {some(users.value)} depend on it",
                Subject(block.type, twin.arn, twin.account, twin.region),
                block_subject(pull.value, block),
                evidence=(*users.evidence, *code_evidence(pull, block.path, block.line)),
            )
    if not said:
        message = f"{count(gone, 'live resource')} to go, and nothing that stays depends on it"
        yield passed(message, pull_subject(pull.value.ref), evidence=evidence_of(pull, pull.value.files))


def _users(case: Case, twin: Twin, leaving: set[str]) -> Known[tuple[str, ...]] | Unread:
    """Ids of live things that refer to a resource."""
    if not isinstance(twin.resource, SecurityGroup):
        return Known((), twin.fact.evidence)
    found: list[str] = []
    evidence = twin.fact.evidence
    for place in case.aws.places():
        facts = case.aws.region(place)
        if isinstance(facts.security_groups, Known):
            found += [
                group.id
                for group in facts.security_groups.value
                if group.arn not in leaving and any(twin.resource.id in rule.groups for rule in group.ingress)
            ]
        if isinstance(facts.interfaces, Unread):
            return facts.interfaces
        found += [one.id for one in facts.interfaces.value if twin.resource.id in one.groups]
        evidence += facts.interfaces.evidence
    return Known(tuple(found), evidence)


# --- X-14 -------------------------------------------------------------------------------------------


@check(
    "X-14",
    "Merged is applied, and applied is merged",
    Severity.MEDIUM,
    sources=_CODE,
    controls="NIST-800-53r5//CM-3",
    remediation="Apply what is merged within a day; what was applied from a branch is merged, or taken back.",
    release=2,
)
@on_code
def merged_is_applied(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """A day after the merge the account is as the head commit says; before it, it is not."""
    merged, subject = pull.value.merged_at, pull_subject(pull.value.ref)
    waiting = merged is not None and case.now - merged < APPLY_WITHIN
    if waiting:
        yield not_applicable("merged less than a day ago", subject, evidence=pull.evidence)
        return
    said = False
    for pair in change.pairs:
        head = pair.head
        who = named(head, change.after) if head and pair.is_changed else None
        if head is None or who is None:
            continue
        for twin in twins(case.aws, who):
            after = [text for text, _ in differences(head, twin, change.after)]
            before = [text for text, _ in differences(pair.base, twin, change.before)] if pair.base else []
            if fault := _apply_fault(merged is not None, after, before):
                said = True
                yield failed(
                    f"{label(head.address)} {fault}",
                    Subject(head.type, twin.arn, twin.account, twin.region),
                    block_subject(pull.value, head),
                    evidence=(*twin.fact.evidence, *code_evidence(pull, head.path, head.line)),
                )
    if not said:
        state = f"merged at {moment(merged)}, and the account follows" if merged else "not merged, and not applied"
        yield passed(state, subject, evidence=evidence_of(pull, pull.value.files))


def _apply_fault(is_merged: bool, after: list[str], before: list[str]) -> str:
    if is_merged and after:
        return f"is merged and not applied: {after[0]}"
    if not is_merged and before and not after:
        return "is live as the head commit says, and not merged"
    return ""


# --- X-15 -------------------------------------------------------------------------------------------


@check(
    "X-15",
    "Deploy role trusts this repository narrowly",
    Severity.HIGH,
    sources=_CODE,
    controls="NIST-800-53r5//AC-6 NIST-800-53r5//IA-2",
    remediation="Give the role that the pipeline assumes what it deploys and no more, and bind its trust to the "
    "protected branch or environment (`repo:OWNER/REPO:environment:prod`).",
    release=2,
)
@on_pulls
def deploy_role_is_narrow(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """No role that trusts the repository is an administrator, and none of prod trusts any branch of it."""
    subject = pull_subject(pull.value.ref)
    if not case.aws.accounts:
        yield missing(Reason.NOT_CONFIGURED, "no AWS account was read in this run", subject)
    for account in case.aws.accounts:
        yield from _roles_of(case, pull, account)


def _roles_of(case: Case, pull: Known[PullRequest], account: str) -> Iterator[Outcome]:
    subject, rights = pull_subject(pull.value.ref), case.aws.account(account).authorization
    if isinstance(rights, Unread):
        yield not_evaluated(rights, subject)
        return
    trusting = [
        (role, patterns) for role in rights.value.of_kind("role") if (patterns := _subjects(role, pull.value.ref.repo))
    ]
    is_prod = "prod" in {
        environments_of(case.config).named(name) for name in environments_of(case.config).of_account(account)
    }
    faults = 0
    for role, patterns in trusting:
        fault = _role_fault(role, patterns, is_prod)
        if fault:
            faults += 1
            place = Subject("aws_iam_role", role.arn, account)
            evidence = tuple(one.at_pointer(role.pointer, role.name) for one in rights.evidence)
            yield failed(f"the role {label(role.name)} {fault}", place, subject, evidence=evidence)
    if not trusting:
        yield not_applicable(f"no role of {account} trusts the repository", subject, evidence=rights.evidence)
    elif not faults:
        message = f"{count(trusting, 'role')} trust the repository, narrowly"
        yield passed(message, subject, evidence=rights.evidence, extra=account)


def _subjects(role: Holder, repo: str) -> tuple[str, ...]:
    """The `sub` patterns by which a role trusts a repository."""
    statements = role.trust.statements if role.trust else ()
    return tuple(pattern for statement in statements for pattern in _patterns(statement) if _is_for(pattern, repo))


def _patterns(statement: Statement) -> Iterator[str]:
    federated = any(_GITHUB_ISSUER in grantee.value for grantee in statement.principals)
    for condition in statement.conditions if statement.allows and federated else ():
        if condition.key == f"{_GITHUB_ISSUER}:sub" and "not" not in condition.operator.lower():
            yield from condition.values


def _is_for(pattern: str, repo: str) -> bool:
    folded = pattern.lower()
    return folded.startswith(f"repo:{repo}:") or matches(folded, f"repo:{repo}:ref:refs/heads/main")


def _role_fault(role: Holder, patterns: tuple[str, ...], is_prod: bool) -> str:
    documents = [policy.document for policy in role.policies if policy.document]
    is_admin = admin_grant(documents) or any(
        p.is_aws_managed and p.name == "AdministratorAccess" for p in role.policies
    )
    if is_admin:
        return "is an administrator, and the repository may assume it"
    wide = [
        pattern
        for pattern in patterns
        if pattern.rpartition(":")[2] in {"*", "ref*", "ref:*"} or pattern.endswith("heads/*")
    ]
    return "of prod may be assumed from any branch of the repository" if wide and is_prod else ""


# --- X-16 -------------------------------------------------------------------------------------------


@check(
    "X-16",
    "Scan and diff rules agree",
    Severity.MEDIUM,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//SA-11",
    remediation="Find out why the scanner is content: a skip comment, a rule that is off, or a folder that it does not "
    "see.",
    release=2,
)
@on_pulls
def scan_agrees(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """The infrastructure scan is not green where the diff rules see something introduced."""
    subject, runs = pull_subject(pull.value.ref), pull.value.check_runs
    names = case.config.review.scan_checks.get("iac", ())
    if not names:
        yield missing(Reason.NOT_CONFIGURED, "`review.scan_checks.iac` is not configured", subject)
        return
    if isinstance(runs, Unread):
        yield not_evaluated(runs, subject)
        return
    evidence = evidence_of(pull, runs)
    green = [run.name for run in runs.value if run.name in names and run.conclusion == "success"]
    found = [check_id for check_id, outcome in introduced(case) if outcome.status is Status.FAIL]
    skips = [
        outcome.message
        for outcome in all_checks()["GH-28"].judge(case)
        if outcome.status is Status.FAIL and outcome.extra.startswith("skip ")
    ]
    if found and skips:
        message = f"{some(dict.fromkeys(found))} fail, and {skips[0]} keeps the scan quiet"
        yield failed(message, subject, evidence=evidence)
    elif green and found:
        message = f"{some(green)} says clean, {some(dict.fromkeys(found))} do not"
        yield failed(message, subject, evidence=evidence)
    elif not green:
        yield not_applicable("no infrastructure scan is green (GH-07)", subject, evidence=evidence)
    else:
        yield passed(f"{some(green)} and the diff rules see nothing", subject, evidence=evidence)
