"""GH-26 and GH-27: workflows that a pull request changes."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.checks.change import count, each_pull, evidence_of, label, pull_subject
from harness_cli.review.checks.diff_rules import Fault, code_evidence, file_subject
from harness_cli.review.checks.workflow_model import Step, Workflow, changed_workflows, read_workflow
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Origin, Severity
from harness_cli.review.registry import Judge, Outcome, check, failed, not_applicable, not_evaluated, passed

_DANGEROUS: Final = frozenset({"pull_request_target", "workflow_run", "issue_comment", "discussion_comment"})
_HEAD: Final = re.compile(
    r"github\.(?:head_ref|event\.(?:(?:pull_request|issue)\.number|pull_request\.(?:head|merge_commit_sha)"
    r"|workflow_run\.head_|number\b|client_payload))"
)
_FETCHES_HEAD: Final = re.compile(r"\bgh pr checkout\b|\bgit (?:fetch|pull)\b[^\n]{0,200}\bpull/")
_TAKES_HEAD: Final = re.compile(r"\bgit (?:checkout|switch|fetch|pull|clone|merge|reset)\b[^\n]{0,300}")
_EXPRESSION: Final = re.compile(r"\$\{\{(.{1,1000}?)\}\}", re.DOTALL)
_INDEX: Final = re.compile(r"""\[\s*['"]([\w-]{1,100})['"]\s*\]""")
_ENV: Final = re.compile(r"\benv\.([\w-]{1,200})")
_WHOLE_EVENT: Final = re.compile(r"github\.event(?![.\w])")
_HARMLESS: Final = re.compile(r"\.(?:number|id|node_id|sha|draft|merged|action|created_at|updated_at|before|after)\b")
_CHOSEN: Final = re.compile(  # fields whose text anybody may choose
    r"github\.(?:head_ref|event\."
    r"(?:(?:issue|pull_request|discussion)\.(?:title|body)|pull_request\.head\.(?:ref|label|repo\.default_branch)"
    r"|(?:comment|review|review_comment)\.body|pages\.[^ ]{1,40}\.page_name"
    r"|(?:head_commit|commits[^ ]{0,20})\.(?:message|author\.(?:email|name))"
    r"|workflow_run\.(?:head_branch|head_commit\.message|display_title)))"
)
_PINNED: Final = re.compile(r"[^@]+@[0-9a-fA-F]{40}")
_DIGEST: Final = re.compile(r"docker://[^@]+@sha256:[0-9a-f]{64}")
_OWN: Final = frozenset({"actions", "github"})


Rule = Callable[[Workflow, PullRequest], Iterator[tuple[Fault, int]]]

Blind = Callable[[Workflow, PullRequest], Unread | None]


def _sees_all(_: Workflow, __: PullRequest) -> None:
    return None


def _check(rule: Rule, blind: Blind = _sees_all) -> Judge:
    """A check of changed workflows: the same rule before and after; `blind` says what it cannot see after."""

    @each_pull
    def judge(pull: Known[PullRequest]) -> Iterator[Outcome]:
        subject, files = pull_subject(pull.value.ref), pull.value.files
        if isinstance(files, Unread):
            yield not_evaluated(files, subject)
            return
        paths = changed_workflows(pull.value)
        if not paths:
            message = "the pull request changes no workflow"
            yield not_applicable(message, subject, evidence=evidence_of(pull, files))
            return
        outcomes = [outcome for path in paths for outcome in _of_file(pull, path, rule, blind)]
        yield from outcomes
        if all(outcome.origin is Origin.FIXED for outcome in outcomes):
            message = f"nothing of the kind in {count(paths, 'changed workflow')}"
            yield passed(message, subject, evidence=evidence_of(pull, files))

    return judge


def _of_file(pull: Known[PullRequest], path: str, rule: Rule, blind: Blind) -> Iterator[Outcome]:
    before, after = (read_workflow(pull.value, path, side) for side in ("base", "head"))
    for side in (after, before):
        if isinstance(side, Unread):
            yield not_evaluated(side, file_subject(pull.value, path))
            return
    then = {fault.key: fault for fault, _ in rule(before, pull.value)} if isinstance(before, Workflow) else {}
    now = {fault.key: (fault, line) for fault, line in rule(after, pull.value)} if isinstance(after, Workflow) else {}
    for fault, line in now.values():
        yield failed(
            f"{label(path)}:{line} {fault.message}",
            file_subject(pull.value, path, line),
            evidence=code_evidence(pull, path, line),
            severity=fault.severity,
            origin=Origin.PRE_EXISTING if fault.key in then else Origin.INTRODUCED,
            extra=fault.key,
        )
    unseen = blind(after, pull.value) if isinstance(after, Workflow) else None
    if unseen is not None:
        yield not_evaluated(unseen, file_subject(pull.value, path))
    for key, fault in then.items():
        if key not in now:
            message = f"the change ends that {label(path)} {fault.message}"
            evidence = code_evidence(pull, path, 1)
            yield passed(message, file_subject(pull.value, path), evidence=evidence, origin=Origin.FIXED, extra=key)


# --- GH-26 ------------------------------------------------------------------------------------------


def dangers(workflow: Workflow, _: PullRequest) -> Iterator[tuple[Fault, int]]:
    """A stranger's code or words in a place where the workflow has rights."""
    trigger = next(iter(sorted(workflow.triggers & _DANGEROUS)), "")
    for step in workflow.steps():
        if trigger and _checks_out_head(workflow, step):
            message = f"checks out a stranger's code with the rights of `{trigger}`"
            yield Fault(f"checkout {label(step.job)}", message, Severity.CRITICAL), step.line
        script = step.run or str((step.with_ or {}).get("script", ""))
        for expression in _injected(workflow, step, script, bool(trigger)):
            severity = Severity.CRITICAL if trigger else Severity.HIGH
            message = f"puts `{label(expression)}` into a script, where its text is run"
            yield Fault(f"injection {label(step.job)} {label(expression)}", message, severity), step.line


def _checks_out_head(workflow: Workflow, step: Step) -> bool:
    if step.uses.lower().startswith("actions/checkout@"):
        settings = step.with_ or {}
        given = (_written_out(workflow, step, str(settings.get(name, ""))) for name in ("ref", "repository"))
        return any(_HEAD.search(one) for one in given)
    if _FETCHES_HEAD.search(step.run):
        return True
    return any(
        _HEAD.search(_written_out(workflow, step, command))
        for command in _TAKES_HEAD.findall(step.run)
        if "${{" in command
    )


def _written_out(workflow: Workflow, step: Step, text: str) -> str:
    """A text with its expressions in one spelling, and with what it takes from `env`."""
    plain = _one_spelling(text)
    return " ".join((plain, *(_one_spelling(workflow.environment(step, name)) for name in _ENV.findall(plain))))


def _one_spelling(expression: str) -> str:
    """GitHub reads `GitHub.Event['issue'].title` as `github.event.issue.title`."""
    return _INDEX.sub(r".\1", expression).lower()


def _injected(workflow: Workflow, step: Step, script: str, dangerous: bool) -> Iterator[str]:
    for match in _EXPRESSION.finditer(script):
        inner = _written_out(workflow, step, match[1].strip())
        chosen = _CHOSEN.search(inner)
        if chosen:
            yield chosen[0]
        elif dangerous and (_WHOLE_EVENT.search(inner) or ("github.event." in inner and not _HARMLESS.search(inner))):
            yield inner


check(
    "GH-26",
    "Workflow: dangerous trigger with untrusted checkout",
    Severity.CRITICAL,
    sources=(System.GITHUB,),
    controls="zizmor//dangerous-triggers zizmor//template-injection scorecard//Dangerous-Workflow",
    remediation="Run strangers' code with `pull_request` only; hand event texts to scripts through `env:`, never by "
    "`${{ }}` inside the script.",
)(_check(dangers))


# --- GH-27 ------------------------------------------------------------------------------------------


def loose_ends(workflow: Workflow, pull: PullRequest) -> Iterator[tuple[Fault, int]]:
    """Rights of the token, actions that may change under the same name, one's own machines for everybody's code."""
    yield from _permissions(workflow)
    for job, line in workflow.self_hosted() if pull.is_public else ():
        message = f"runs job `{label(job)}` of a public repository on a machine of one's own"
        yield Fault(f"self-hosted {label(job)}", message, Severity.HIGH), line
    for step in workflow.steps():
        if step.uses and not _is_pinned(step):
            message = f"uses `{label(step.uses)}`, which is not pinned to a commit"
            yield Fault(f"unpinned {label(step.uses)}", message, Severity.MEDIUM), step.line
        if step.calls_workflow and mapping_of(step).get("secrets") == "inherit":
            message = "hands every secret to another workflow (`secrets: inherit`)"
            yield Fault(f"inherit {label(step.job)}", message, Severity.MEDIUM), step.line


def visibility_unread(workflow: Workflow, pull: PullRequest) -> Unread | None:
    """Whether it matters that nobody knows who sees the repository."""
    if pull.is_public is not None or not any(True for _ in workflow.self_hosted()):
        return None
    return Unread(Reason.UNSUPPORTED_API, "GitHub does not say whether the repository is public")


def mapping_of(step: Step) -> Mapping[str, Any]:  # Any: YAML
    """A step as written."""
    return step.raw or {}


def _permissions(workflow: Workflow) -> Iterator[tuple[Fault, int]]:
    whole = workflow.permissions()
    if whole == "write-all":
        line = workflow.tree.line("permissions")
        yield Fault("write-all", "gives its token every right (`write-all`)", Severity.HIGH), line
    for job in workflow.jobs:
        own = workflow.permissions(job)
        line = workflow.tree.line("jobs", job, "permissions")
        if own == "write-all":
            message = f"gives the token of job `{label(job)}` every right (`write-all`)"
            yield Fault(f"write-all {label(job)}", message, Severity.HIGH), line
        elif own is None and whole is None:
            message = f"does not say what the token of job `{label(job)}` may do"
            yield Fault(f"permissions {label(job)}", message, Severity.MEDIUM), line


def _is_pinned(step: Step) -> bool:
    uses = step.uses
    if uses.startswith("./"):
        return True
    if uses.startswith("docker://"):
        return _DIGEST.fullmatch(uses) is not None
    return uses.split("/", 1)[0].lower() in _OWN or _PINNED.fullmatch(uses) is not None


check(
    "GH-27",
    "Workflow: token permissions, unpinned third-party actions, self-hosted runners on a public repository",
    Severity.HIGH,
    sources=(System.GITHUB,),
    controls="scorecard//Token-Permissions scorecard//Pinned-Dependencies",
    remediation="Say `permissions:` for the workflow (best `{}`) and raise it for the job that needs more; pin actions "
    "of others to the 40 digits of a commit; pass secrets one by one; run a public repository on hosted runners, since "
    "anybody may open a pull request there.",
)(_check(loose_ends, visibility_unread))
