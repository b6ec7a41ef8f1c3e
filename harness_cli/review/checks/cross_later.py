"""Second release across sources: X-13 14 15 16."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Holder, NamedPolicy, Statement
from harness_cli.review.aws_facts.network import SecurityGroup
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    alone,
    count,
    evidence_of,
    first_unread,
    label,
    moment,
    on_pulls,
    pull_subject,
    some,
)
from harness_cli.review.checks.cross_drift import differences
from harness_cli.review.checks.cross_live import on_code
from harness_cli.review.checks.cross_match import Twin, named, twins, unread_lists, whole_type
from harness_cli.review.checks.diff_rules import block_subject, code_evidence
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.pull_request_gates import check_fault
from harness_cli.review.checks.risk import RULES
from harness_cli.review.evaluators.iam_document import admin_grant, matches
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import CheckRun, PullRequest, RequiredCheck
from harness_cli.review.finding import Origin, Severity, Status, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.model import Block
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
_COMPARED: Final = frozenset({"aws_security_group", "aws_db_instance", "aws_s3_bucket"})  # as `differences` does
_REFERRED: Final = frozenset(  # what others refer to, as far as the facts tell
    ["aws_security_group", "aws_iam_role", "aws_iam_user", "aws_iam_policy", "aws_kms_key"]
)
_NOBODYS: Final = "a-name-that-nobody-protects"
_CLAIMS: Final = frozenset({"sub", "repository", "ref", "environment"})  # what STS reads of them, and a name tells


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
            users = _users(case, twin, leaving)
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


def _users(case: Case, twin: Twin, leaving: set[str]) -> Known[tuple[str, ...]] | Unread:
    """Ids of live things that refer to a resource; unread where none is known and some could not be looked at."""
    if isinstance(twin.resource, Holder | NamedPolicy):
        return Known(_holders(twin, leaving), twin.fact.evidence)
    if not isinstance(twin.resource, SecurityGroup):
        return Known((), twin.fact.evidence)
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
        who = named(head, change.after) if head and pair.is_changed and head.mode == "resource" else None
        if head is None or who is None:
            continue
        place, found = block_subject(pull.value, head), twins(case.aws, who)
        if not found and who.type in _COMPARED and (unread := unread_lists(case.aws, who.type)):
            said = True
            yield not_evaluated(unread[0], place)
        elif not found and merged and pair.base is None and _is_one(head, who.type):
            said = True
            message = f"{label(head.address)} is merged and not applied: it is not in the account"
            yield failed(message, place, evidence=code_evidence(pull, head.path, head.line))
        for twin in found:
            after = [text for text, _ in differences(head, twin, change.after)]
            before = [text for text, _ in differences(pair.base, twin, change.before)] if pair.base else []
            if fault := _apply_fault(merged is not None, after, before):
                said = True
                yield failed(
                    f"{label(head.address)} {fault}",
                    Subject(head.type, twin.arn, twin.account, twin.region),
                    place,
                    evidence=(*twin.fact.evidence, *code_evidence(pull, head.path, head.line)),
                )
    if not said:
        state = f"merged at {moment(merged)}, and the account follows" if merged else "not merged, and not applied"
        yield passed(state, subject, evidence=evidence_of(pull, pull.value.files))


def _is_one(block: Block, kind: str) -> bool:
    """Whether the code declares exactly one resource, of a type that is listed whole."""
    return kind in _COMPARED and block.type == kind and not {"count", "for_each"} & set(block.attributes)


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
    repo, environments = pull.value.ref.repo, environments_of(case.config)
    trusting = [(role, trust) for role in rights.value.of_kind("role") if (trust := _trusting(role, repo))]
    prod = environments.named("prod") or "prod"
    faults = 0
    for role, statements in trusting:
        is_prod = prod in {*environments.of_account(account), environments.inside(role.name)}
        fault = _role_fault(role, statements, repo, is_prod)
        if fault:
            faults += 1
            place = Subject("aws_iam_role", role.arn, account)
            evidence = tuple(one.at_pointer(role.pointer, role.name) for one in rights.evidence)
            yield failed(f"the role {label(role.name)} {fault}", place, subject, evidence=evidence)
    if not trusting:
        yield not_applicable(f"no role of {account} trusts the repository", subject, evidence=rights.evidence)
    elif not faults:
        message = f"{count(trusting, 'role')} of {account} may be assumed from the repository, narrowly"
        yield passed(message, subject, evidence=rights.evidence, extra=account)


def _trusting(role: Holder, repo: str) -> tuple[Statement, ...]:
    """The statements of a role's trust that let in tokens of the repository, whichever."""
    statements = role.trust.statements if role.trust else ()
    return tuple(s for s in statements if s.allows and _is_github(s) and _may_name(s, repo))


def _is_github(statement: Statement) -> bool:
    return any(_GITHUB_ISSUER in grantee.value for grantee in statement.principals)


def _may_name(statement: Statement, repo: str) -> bool:
    """Whether some token of the repository meets what is asked of its subject and of its repository."""
    return all(
        any(
            _reaches(value, f"repo:{repo}:", is_wild) if claim == "sub" else _fits(value, repo, is_wild) for value in vs
        )
        for claim, vs, is_wild in _asked(statement)
        if claim in {"sub", "repository"}
    )


def _asked(statement: Statement) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """What a statement asks of the token: claim, values of which one must fit, whether they may hold wildcards."""
    for condition in statement.conditions:
        issuer, _, claim = condition.key.lower().rpartition(":")
        if issuer == _GITHUB_ISSUER and claim in _CLAIMS and "not" not in condition.operator.lower():
            values = tuple(value.lower() for value in condition.values)
            yield claim, values, "like" in condition.operator.lower()


def _fits(value: str, text: str, is_wild: bool) -> bool:
    return matches(value, text) if is_wild else value == text


def _reaches(value: str, start: str, is_wild: bool) -> bool:
    """Whether a value fits some text that begins so."""
    if not is_wild:
        return value.startswith(start)
    return any(matches(value[:end], start) for end in range(len(value) + 1))


def _admits(statement: Statement, token: Mapping[str, str]) -> bool:
    return all(any(_fits(v, token.get(claim, ""), is_wild) for v in vs) for claim, vs, is_wild in _asked(statement))


def _unguarded(repo: str) -> Mapping[str, Mapping[str, str]]:
    """Tokens that anybody who may push to the repository can get, by where the job runs."""
    head, branch = f"repo:{repo}", f"refs/heads/{_NOBODYS}"
    said = {"repository": repo, "ref": branch}
    return {
        "any branch": {**said, "sub": f"{head}:ref:{branch}"},
        "any pull request": {**said, "sub": f"{head}:pull_request", "ref": "refs/pull/1/merge"},
        "any environment": {**said, "sub": f"{head}:environment:{_NOBODYS}", "environment": _NOBODYS},
    }


def _role_fault(role: Holder, trust: Sequence[Statement], repo: str, is_prod: bool) -> str:
    documents = [policy.document for policy in role.policies if policy.document]
    is_admin = admin_grant(documents) or any(
        p.is_aws_managed and p.name == "AdministratorAccess" for p in role.policies
    )
    if is_admin:
        return "is an administrator, and the repository may assume it"
    for place, token in _unguarded(repo).items() if is_prod else ():
        if any(_admits(statement, token) for statement in trust):
            return f"of prod may be assumed from {place} of the repository"
    return ""


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
    """No scan is green where the diff rules see something introduced, and no comment keeps one quiet."""
    subject, runs = pull_subject(pull.value.ref), pull.value.check_runs
    narrowed, names = alone(case, pull.value.ref), case.config.review.scan_checks
    if skips := _suppressed(narrowed):
        yield failed(f"{skips[0].message}, which keeps the scan quiet", subject, evidence=skips[0].evidence)
        return
    if not any(names.get(kind) for kind in _SCANNED):
        yield missing(Reason.NOT_CONFIGURED, "`review.scan_checks.iac` is not configured", subject)
        return
    if isinstance(runs, Unread):
        yield not_evaluated(runs, subject)
        return
    evidence = evidence_of(pull, runs)
    green = {kind: _green(names.get(kind, ()), runs.value) for kind in _SCANNED}
    against = {kind: _found(narrowed, _SCANNED[kind]) for kind in _SCANNED if green[kind]}
    if faults := [f"{some(green[kind])} says clean, {some(found)} do not" for kind, found in against.items() if found]:
        yield failed("; ".join(faults), subject, evidence=evidence)
    elif not against:
        yield not_applicable("no scan is green (GH-07)", subject, evidence=evidence)
    elif unread := next(filter(None, (_unjudged(narrowed, _SCANNED[kind]) for kind in against)), None):
        yield not_evaluated(unread, subject)
    else:
        clean = [name for kind in against for name in green[kind]]
        yield passed(f"{some(clean)} and the diff rules see nothing", subject, evidence=evidence)


# kind of scan -> the diff rules that look for the same
_SCANNED: Final = {"iac": RULES, "secrets": ("GH-25",)}


def _green(names: Sequence[str], runs: Sequence[CheckRun]) -> list[str]:
    return [name for name in names if not check_fault(RequiredCheck(name), runs)]


def _found(case: Case, rules: Sequence[str]) -> list[str]:
    """The rules that see something which the change brings."""
    return [
        check_id
        for check_id in rules
        if any(
            outcome.status is Status.FAIL and outcome.origin is not Origin.PRE_EXISTING
            for outcome in all_checks()[check_id].judge(case)
        )
    ]


def _unjudged(case: Case, rules: Sequence[str]) -> Unread | None:
    """Why the rules could not look at all of the change."""
    outcomes = (outcome for check_id in rules for outcome in all_checks()[check_id].judge(case))
    return next((Unread(o.reason, o.detail, o.evidence) for o in outcomes if o.reason), None)


def _suppressed(case: Case) -> list[Outcome]:
    """Comments of this change that tell a scanner to look away."""
    outcomes = all_checks()["GH-28"].judge(case)
    return [one for one in outcomes if one.status is Status.FAIL and one.extra.startswith("skip ")]
