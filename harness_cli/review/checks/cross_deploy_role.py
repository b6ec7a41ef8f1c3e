"""X-15: the roles that a repository's pipeline may assume."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Holder, Statement
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, label, on_pulls, pull_subject
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.evaluators.iam_document import admin_grant, matches
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_GITHUB_ISSUER: Final = "token.actions.githubusercontent.com"
_NOBODYS: Final = "a-name-that-nobody-protects"
_CLAIMS: Final = frozenset({"sub", "repository", "ref", "environment"})  # what STS reads of them, and a name tells


@check(
    "X-15",
    "Deploy role trusts this repository narrowly",
    Severity.HIGH,
    sources=(System.GITHUB, System.AWS),
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
