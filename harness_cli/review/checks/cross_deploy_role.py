"""X-15: the roles that a repository's pipeline may assume."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Holder
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, label, on_pulls, pull_subject, some
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.evaluators.github_trust import Repository, trusts, unguarded_places
from harness_cli.review.evaluators.iam_document import admin_grant
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed


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
    repository, environments = Repository(pull.value.ref.repo, pull.value.repo_id), environments_of(case.config)
    known = [(role, _trusts(role, repository)) for role in rights.value.of_kind("role")]
    trusting, unsure = ([role for role, said in known if said is wanted] for wanted in (True, None))
    prod = environments.named("prod") or "prod"
    faults = 0
    for role in trusting:
        touched = {*environments.of_account(account), environments.inside(role.name)}
        fault = _role_fault(role, repository, is_prod=prod in touched)
        if fault:
            faults += 1
            evidence = tuple(one.at_pointer(role.pointer, role.name) for one in rights.evidence)
            place = Subject("aws_iam_role", role.arn, account)
            yield failed(f"the role {label(role.name)} {fault}", place, subject, evidence=evidence)
    if unsure:
        names = some(role.name for role in unsure)
        detail = f"whether {names} trusts the repository is not known: its number, or the role's trust, was not read"
        yield not_evaluated(Unread(Reason.MISSING_MAPPING, detail, rights.evidence), subject)
    elif not trusting:
        yield not_applicable(f"no role of {account} trusts the repository", subject, evidence=rights.evidence)
    elif not faults:
        message = f"{count(trusting, 'role')} of {account} may be assumed from the repository, narrowly"
        yield passed(message, subject, evidence=rights.evidence, extra=account)


def _trusts(role: Holder, repository: Repository) -> bool | None:
    if role.trust is None:
        return None if role.trust_malformed else False
    return trusts(role.trust, repository)


def _role_fault(role: Holder, repository: Repository, *, is_prod: bool) -> str:
    documents = [policy.document for policy in role.policies if policy.document]
    is_admin = admin_grant(documents) or any(
        p.is_aws_managed and p.name == "AdministratorAccess" for p in role.policies
    )
    if is_admin:
        return "is an administrator, and the repository may assume it"
    places = unguarded_places(role.trust, repository) if is_prod and role.trust else ()
    return f"of prod may be assumed from {places[0]} of the repository" if places else ""
