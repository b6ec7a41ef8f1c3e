"""GH-28: scans, plans and policies that a change takes out of the pipeline, or tells to look away."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.checks.change import each_pull, evidence_of, label, pull_subject
from harness_cli.review.checks.diff_lines import Added, added_lines
from harness_cli.review.checks.diff_rules import code_evidence, file_subject
from harness_cli.review.checks.workflow_files import mapping_of
from harness_cli.review.checks.workflow_model import Step, Workflow, changed_workflows, read_workflow
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Origin, Severity
from harness_cli.review.registry import Outcome, check, failed, not_evaluated, passed

_TOOLS: Final = (
    *("checkov", "tfsec", "trivy", "terrascan", "kics", "conftest", "opa", "sentinel", "semgrep", "codeql", "sonar"),
    *("gitleaks", "trufflehog", "detect-secrets", "snyk", "grype", "dependency-review", "osv-scanner", "bandit"),
    *("zizmor", "tflint", "cfn-lint", "cfn_nag", "cfn-guard", "prowler", "scorecard"),
    *("terraform plan", "terraform validate", "tofu plan", "terragrunt plan"),
)
_TOOL: Final = re.compile(r"(?<![a-z])(" + "|".join(map(re.escape, _TOOLS)) + r")(?![a-z])")
_KIND: Final = re.compile(r"(?<![a-z])(policy|scan)(?![a-z])")  # where no tool is named
_SKIPS: Final = re.compile(
    r"checkov:skip\s?=|tfsec:ignore|trivy:ignore|terrascan:skip|#\s?ts:skip\s?=|kics-scan (?:ignore|disable)"
    r"|#\s?nosec\b|\bnosemgrep\b|gitleaks:allow|zizmor:\s?ignore|tflint-ignore(?:-file)?:|\brules_to_suppress\b"
    r"|\bcfn_nag[\"']?:(?:\s|$)|\bcfn-lint[\"']?:(?:\s|$)|(?<![\w-])-{1,2}auto-approve\b|--skip-check\b"
    r"|soft[_-]fail:?\s*true|--soft-fail\b|\[(?:skip ci|ci skip)\]"
)
_SWALLOWED: Final = re.compile(r"\|\|\s*(?:true|:|exit 0)|--exit-code[= ]0\b|--exit-zero\b|--no-fail\b")
_QUIET: Final[Mapping[str, tuple[object, ...]]] = {  # inputs of actions that let a finding pass
    "exit-code": (0, "0"),
    "exit-zero": (True, "true"),
    "fail-build": (False, "false"),
    "fail_build": (False, "false"),
    "soft-fail": (True, "true"),
    "soft_fail": (True, "true"),
}
_BY_ITSELF: Final = frozenset({"pull_request", "pull_request_target", "push", "merge_group"})
_IGNORE_LISTS: Final = frozenset({".trivyignore", ".tfsecignore", ".gitleaksignore", ".semgrepignore", ".snyk"})
_TEXTS: Final = (".md", ".rst", ".txt", ".adoc")


@check(
    "GH-28",
    "Pipeline guard removed",
    Severity.HIGH,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//CM-3(2)",
    remediation="Put the scan, plan or policy step back and let its failure count; where a rule is wrong, waive it "
    "where the waiver is reviewed, not by a comment in the change itself.",
)
@each_pull
def guards_stand(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """No scan, plan or policy leaves a workflow or loses its voice, and nothing that is added tells one to skip."""
    subject, files = pull_subject(pull.value.ref), pull.value.files
    if isinstance(files, Unread):
        yield not_evaluated(files, subject)
        return
    outcomes: list[Outcome] = []
    elsewhere = _guards_after(pull.value)
    for path in changed_workflows(pull.value):
        outcomes += _of_workflow(pull, path, elsewhere)
    for file in files.value:
        added = added_lines(pull.value, file, files.evidence)
        if isinstance(added, Unread):
            outcomes.append(not_evaluated(added, file_subject(pull.value, file.path)))
        elif not file.path.lower().endswith(_TEXTS):
            outcomes += _skips(pull.value, added)
    yield from outcomes
    if not outcomes:
        yield passed("no guard of the pipeline is touched", subject, evidence=evidence_of(pull, files))


def _guards_after(pull: PullRequest) -> frozenset[str]:
    """What the changed workflows run after the change, together: a guard may move to another file."""
    after = (read_workflow(pull, path, "head") for path in changed_workflows(pull))
    return frozenset(tool for one in after if isinstance(one, Workflow) for tool in _tools(one))


def _of_workflow(pull: Known[PullRequest], path: str, elsewhere: frozenset[str]) -> Iterator[Outcome]:
    before, after = (read_workflow(pull.value, path, side) for side in ("base", "head"))
    for side in (before, after):
        if isinstance(side, Unread):
            yield not_evaluated(side, file_subject(pull.value, path))
            return
    if not isinstance(before, Workflow):
        return
    faults = _lost(before, after, elsewhere) if isinstance(after, Workflow) or after is None else {}
    for key, (message, line) in faults.items():
        yield failed(
            f"{label(path)}:{line} {message}",
            file_subject(pull.value, path, line),
            evidence=code_evidence(pull, path, line),
            origin=Origin.INTRODUCED,
            extra=key,
        )


def _lost(before: Workflow, after: Workflow | None, elsewhere: frozenset[str]) -> Mapping[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for tool in sorted(_tools(before).keys() - elsewhere):
        found[f"removed {tool}"] = (f"no longer runs `{tool}`", 1)
    left = before.triggers & _BY_ITSELF
    if after is not None and left and not after.triggers & _BY_ITSELF and _tools(after):
        what = f"runs {', '.join(f'`{tool}`' for tool in sorted(_tools(after)))}"
        found["triggers"] = (f"{what} no longer on {' or '.join(sorted(left))}", after.tree.line("on"))
    muted_before = _muted(before)
    for key, line in (_muted(after) if after else {}).items():
        if key not in muted_before:
            found[f"muted {key}"] = (f"lets `{key}` fail without consequence", line)
    return found


def _tools(workflow: Workflow) -> Mapping[str, int]:
    """The guards that a workflow runs, with a line each."""
    found: dict[str, int] = {}
    for step in workflow.steps():
        for tool in _named(workflow, step):
            found.setdefault(tool, step.line)
    return found


def _named(workflow: Workflow, step: Step) -> frozenset[str]:
    raw = mapping_of(step)
    if _is_off(raw) or _is_off(workflow.jobs[step.job]):
        return frozenset()
    words = f"{step.uses}\n{step.run}\n{raw.get('name', '')}\n{step.job}".lower()
    return frozenset(_TOOL.findall(words)) or frozenset(_KIND.findall(words))


def _is_off(raw: Mapping[str, object]) -> bool:
    return raw.get("if") in (False, "false", "${{ false }}")


def _muted(workflow: Workflow) -> Mapping[str, int]:
    """Guards whose failure does not count: `continue-on-error`, `|| true`, `exit-code: 0`."""
    found: dict[str, int] = {}
    for step in workflow.steps():
        tools = sorted(_named(workflow, step))
        job = workflow.jobs[step.job]
        quiet = any(raw.get("continue-on-error") in (True, "true") for raw in (job, mapping_of(step)))
        swallowed = any(_SWALLOWED.search(line) for line in step.run.splitlines())
        told = any((step.with_ or {}).get(name) in values for name, values in _QUIET.items())
        if tools and (quiet or swallowed or told):
            found.setdefault(tools[0], step.line)
    return found


def _flag(path: str, line: str) -> str:
    """What a line tells a guard to look away from; "" for nothing."""
    name = path.rpartition("/")[2]
    if name in _IGNORE_LISTS and line.strip() and not line.lstrip().startswith("#"):
        return name
    match = _SKIPS.search(line)
    return match[0].strip().rstrip("=:\"' ") if match else ""


def _skips(pull: PullRequest, added: Added) -> Iterator[Outcome]:
    seen: set[str] = set()
    for number, line in zip(added.numbers, added.lines, strict=True):
        flag = _flag(added.path, line)
        if not flag or flag in seen:
            continue
        seen.add(flag)
        place = f"{label(added.path)}:{number}"
        yield failed(
            f"{place} adds `{label(flag)}`",
            file_subject(pull, added.path, number),
            evidence=tuple(evidence.at_pointer("", place) for evidence in added.evidence),
            origin=Origin.INTRODUCED,
            extra=f"skip {flag}",
        )
