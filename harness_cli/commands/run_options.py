"""What `harness run` was asked for, parsed and checked before anything is opened."""

import os
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness_cli.commands.actions_event import pull_of_event
from harness_cli.commands.project import Project, open_project, sandboxed
from harness_cli.config.model import Config
from harness_cli.core.clock import parse_duration
from harness_cli.core.errors import HarnessError, UsageError
from harness_cli.core.ids import RequestId, TraceId
from harness_cli.lint.protected import refuse_policy_of_pull
from harness_cli.review.facts import PullRef
from harness_cli.review.finding import Severity
from harness_cli.review.references import parse_pull, parse_ticket
from harness_cli.review.request import ReviewRequest
from harness_cli.runtime.runs import RunStore
from harness_cli.runtime.session import SessionOptions

if TYPE_CHECKING:
    from harness_cli.policy.plan import PlannedDecision

POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The command line of one run."""

    env: str
    ticket: str
    pulls: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    checks: tuple[str, ...]
    skipped: tuple[str, ...]
    fail_on: str
    new_only: bool
    notify: bool | None
    profile: str
    resume: str
    plan: bool
    explain: bool
    wait: str
    sandbox: bool
    quiet: bool
    verbose: int
    format: str
    outputs: tuple[str, ...]

    def check_formats(self) -> None:
        """Refuse a format that what is asked for has not, before anything is done. Raises UsageError."""
        from harness_cli.render.plan import PLAN_FORMATS
        from harness_cli.render.report import RENDERERS, check_formats

        check_formats(self.format, self.outputs, PLAN_FORMATS if self.plan else RENDERERS)

    def request(self, project: Project) -> ReviewRequest:
        """What is to be reviewed. Raises UsageError for anything malformed."""
        config = project.config
        if self.wait:
            _duration(self.wait)
        return ReviewRequest(
            env=environment_of(self.env, tuple(config.policy_engine.environment_gates)),
            ticket=parse_ticket(self.ticket) if self.ticket else "",
            pulls=self._named_pulls(config),
            accounts=tuple(config.accounts.get(name, name) for name in self.accounts),
            regions=self.regions,
            checks=self.checks,
            skipped=self.skipped,
            fail_on=_level(self.fail_on or config.review.fail_on),
            new_only=self.new_only,
            notify=config.review.notify if self.notify is None else self.notify,
        )

    def _named_pulls(self, config: Config) -> tuple[PullRef, ...]:
        """What --pr names, else the pull request of the GitHub Actions event; its author cannot bring the policy.

        Raises: UsageError, ConfigError. No stand-in knows of the event.
        """
        found = None if self.sandbox else pull_of_event(os.environ)
        if found is not None:
            refuse_policy_of_pull(config, found.ref.repo, found.base)
        if self.pulls or found is None:
            return tuple(sorted({parse_pull(text) for text in self.pulls}))
        self.say(f"pull request {found.ref}, from the event of GitHub Actions")
        return (found.ref,)

    def session(self, request: ReviewRequest, resume: TraceId | None) -> SessionOptions:
        """Who runs where."""
        return SessionOptions(
            env=request.env,
            profile=self.profile,
            sandbox=self.sandbox,
            ticket=request.ticket,
            pulls=tuple(map(str, request.pulls)),
            resume=resume,
        )

    def say(self, text: str) -> None:
        """One line on stderr, unless --quiet or there is nothing to say."""
        from harness_cli.render.messages import say

        if text and not self.quiet:
            say(text)

    def show_plan(self, plan: "Iterable[PlannedDecision]") -> None:
        """Write the plan to where it was asked for."""
        from harness_cli.render.plan import render_plan
        from harness_cli.render.report import write_as

        lines = tuple(plan)
        write_as(lambda name: render_plan(lines, name, explain=self.explain), self.format, self.outputs)


def open_run_project(config: Path | None, *, sandbox: bool, estate: Path | None) -> AbstractContextManager[Project]:
    """The project of a run, on the stand-ins where asked. Raises UsageError, ConfigError."""
    if sandbox:
        return sandboxed(config, estate)
    if estate is not None:
        raise UsageError("--estate goes with --sandbox")
    return nullcontext(open_project(config))


def trace_to_resume(runs: RunStore, prefix: str) -> TraceId | None:
    """The paused run that --resume names. Raises NotFoundError."""
    return runs.find(prefix) if prefix else None


def log_in_to_sandbox(project: Project, profile: str) -> None:
    """`ana` asks in the sandbox by default: her login is made by the real device flow where there is none."""
    from harness_cli.commands.sandbox import log_in
    from harness_cli.runtime.people import prover_of

    if profile != "default" or project.sandbox is None:
        return
    prover = prover_of(project.config, profile)
    try:
        prover.person_of(prover.session_token())
    except HarnessError:
        log_in(project.config.path, project.sandbox.addresses.requester.split("@", 1)[0], profile)


def wait_for_decision(project: Project, request_id: str, duration: str) -> TraceId | None:
    """Poll until the request may be decided; its trace, or None where the time is over first."""
    from harness_cli.approval.judge import is_ripe
    from harness_cli.approval.store import ApprovalStore
    from harness_cli.core.clock import SystemClock

    clock = SystemClock()
    store = ApprovalStore(project.paths.approvals)
    ends = time.monotonic() + (_duration(duration) if duration else 0.0)
    while time.monotonic() < ends:
        request = store.load(RequestId(request_id))
        if is_ripe(request, clock.now()):
            return request.envelope.trace_id
        time.sleep(POLL_SECONDS)
    return None


def environment_of(named: str, gates: tuple[str, ...]) -> str:
    """The named environment, or the only gate. Raises UsageError."""
    if named:
        return named
    if len(gates) == 1:
        return gates[0]
    raise UsageError("--env is needed", help=f"one of {', '.join(gates)}" if gates else "the configuration has no gate")


def _level(text: str) -> str:
    scope, _, level = text.rpartition(":")
    if scope not in {"", "any"} or level not in set(Severity):
        raise UsageError(
            f"not a level: {text!a:.40}", help="write critical, high, medium or low, or any: before one of them"
        )
    return text


def _duration(text: str) -> float:
    try:
        return parse_duration(text).total_seconds()
    except ValueError as err:
        raise UsageError(str(err)) from err
