"""GitHub workflows as values: triggers, permissions, jobs, steps, with their lines."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.iac.prescan import UnreadableCodeError
from harness_cli.review.iac.yaml_tree import Tree, load_yaml, mapping

MOST_CHARACTERS: Final = 1024 * 1024  # of all workflows of one pull request, before and after
_WORKFLOW: Final = re.compile(r"\.github/workflows/[^/]+\.ya?ml")


@dataclass(frozen=True, slots=True)
class Step:
    """One step, or a job that calls another workflow (`uses` without steps)."""

    job: str
    line: int
    uses: str = ""
    run: str = ""
    with_: Mapping[str, Any] | None = None  # Any: YAML scalars
    raw: Mapping[str, Any] | None = None  # Any: as above
    calls_workflow: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file."""

    path: str
    tree: Tree

    @property
    def triggers(self) -> frozenset[str]:
        """The events that start it."""
        on = mapping(self.tree.value).get("on")
        if isinstance(on, str):
            return frozenset({on})
        return frozenset(str(one) for one in on) if isinstance(on, Mapping | tuple) else frozenset()

    @property
    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        """Its jobs by id."""
        return {name: mapping(job) for name, job in mapping(mapping(self.tree.value).get("jobs")).items()}

    def permissions(self, job: str = "") -> Any:  # Any: a word, a mapping, or None where nothing is said
        """What the token of the workflow, or of one job, may do."""
        return (self.jobs[job] if job else mapping(self.tree.value)).get("permissions")

    def self_hosted(self) -> Iterator[tuple[str, int]]:
        """The jobs that run on machines of one's own, with their lines; a runner group is of one's own too."""
        for name, job in self.jobs.items():
            asked = job.get("runs-on")
            labels = asked.get("labels", ()) if isinstance(asked, Mapping) else asked
            named = labels if isinstance(labels, tuple) else (labels,)
            own = isinstance(asked, Mapping) and "group" in asked
            if own or any(str(one).lower() == "self-hosted" for one in named):
                yield name, self.tree.line("jobs", name, "runs-on")

    def environment(self, step: Step, name: str) -> str:
        """What a variable is set to for a step: by the step, its job or the workflow; "" where none does."""
        scopes = (step.raw or {}, self.jobs.get(step.job, {}), mapping(self.tree.value))
        for scope in scopes:
            for key, value in mapping(scope.get("env")).items():
                if key.lower() == name.lower():
                    return str(value)
        return ""

    def steps(self) -> Iterator[Step]:
        """Every step of every job."""
        for name, job in self.jobs.items():
            if isinstance(job.get("uses"), str):
                yield Step(name, self.tree.line("jobs", name, "uses"), uses=job["uses"], raw=job, calls_workflow=True)
            listed = job.get("steps")
            for at, raw in enumerate(listed if isinstance(listed, tuple) else ()):
                step = mapping(raw)
                line = self.tree.line("jobs", name, "steps", at)
                yield Step(name, line, _text(step, "uses"), _text(step, "run"), mapping(step.get("with")), step)


def _text(step: Mapping[str, Any], name: str) -> str:
    value = step.get(name)
    return value if isinstance(value, str) else ""


def is_workflow(path: str) -> bool:
    """Whether a path is a workflow."""
    return _WORKFLOW.fullmatch(path) is not None


def changed_workflows(pull: PullRequest) -> tuple[str, ...]:
    """Paths of workflows that a pull request touches."""
    files = pull.files.value if isinstance(pull.files, Known) else ()
    return tuple(dict.fromkeys(path for file in files for path in (file.path, file.previous_path) if is_workflow(path)))


def read_workflow(pull: PullRequest, path: str, side: str) -> Workflow | Unread | None:
    """A workflow at one commit; None where it does not exist there."""
    if _is_missing(pull, path, side):
        return None
    fact = pull.contents.get((path, side), Unread(Reason.TRUNCATED, "the file's content was not fetched"))
    if isinstance(fact, Unread):
        return fact
    if fact.value is None:
        return None
    if _is_beyond(pull, path, side):
        return Unread(Reason.TRUNCATED, "there are more workflows than one review reads", fact.evidence)
    try:
        return Workflow(path, _parsed(fact.value.for_parser()))
    except UnreadableCodeError as err:
        return Unread(Reason.EXCEPTION, str(err), fact.evidence)


@lru_cache(maxsize=256)  # several checks look at each
def _parsed(text: str) -> Tree:
    return load_yaml(text)


def _is_beyond(pull: PullRequest, path: str, side: str) -> bool:
    """Whether the workflows up to this one are more than one review reads."""
    total = 0
    for place in ((one, at) for one in changed_workflows(pull) for at in ("base", "head")):
        fact = pull.contents.get(place)
        total += len(fact.value) if isinstance(fact, Known) and fact.value is not None else 0
        if place == (path, side):
            break
    return total > MOST_CHARACTERS


def _is_missing(pull: PullRequest, path: str, side: str) -> bool:
    """What the list of files says of a side, so that nobody need fetch what is not there."""
    for file in pull.files.value if isinstance(pull.files, Known) else ():
        if file.path == path:
            return file.status in ({"added", "renamed", "copied"} if side == "base" else {"removed"})
        if file.previous_path == path and file.status == "renamed":
            return side == "head"
    return False
