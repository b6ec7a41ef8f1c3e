"""`harness run`: one review, from the command line to the exit code."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness_cli.commands.options import (
    ConfigOption,
    NoInputOption,
    OutputsOption,
    ProfileOption,
    QuietOption,
    ReportFormatOption,
    SandboxOption,
    VerboseOption,
)
from harness_cli.core.exits import ExitCode

if TYPE_CHECKING:
    from harness_cli.commands.project import Project
    from harness_cli.commands.run_options import RunOptions
    from harness_cli.review.report_document import Document


def run(
    env: Annotated[
        str, typer.Option("--env", metavar="E", help="the environment; needed unless there is one gate")
    ] = "",
    ticket: Annotated[
        str, typer.Option("--ticket", metavar="KEY", help="a Jira issue: KEY-1 or its browser address")
    ] = "",
    pr: Annotated[
        list[str] | None,
        typer.Option("--pr", metavar="REF", help="a pull request: OWNER/REPO#N or its browser address; repeatable"),
    ] = None,
    account: Annotated[list[str] | None, typer.Option("--account", metavar="A", help="only this account")] = None,
    region: Annotated[list[str] | None, typer.Option("--region", metavar="R", help="only this region")] = None,
    check: Annotated[list[str] | None, typer.Option("--check", metavar="ID", help="only this check")] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", metavar="ID", help="not this check")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="print every planned call with its decision, and stop")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="with --plan: every check of each decision")] = False,
    notify: Annotated[
        bool | None, typer.Option("--notify/--no-notify", help="post a Slack notice, once somebody else approves it")
    ] = None,
    wait: Annotated[
        str, typer.Option("--wait", metavar="DURATION", help="wait so long for an approval (15m, 4h)")
    ] = "",
    resume: Annotated[str, typer.Option("--resume", metavar="TRACE", help="go on with a run that waited")] = "",
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="LEVEL", help="critical|high|medium|low, or any:LEVEL")
    ] = "",
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="exit 0 where findings alone would give 10")] = False,
    new_only: Annotated[bool, typer.Option("--new-only", help="leave pre-existing findings out of the report")] = False,
    format: ReportFormatOption = "text",
    output: OutputsOption = None,
    sandbox: SandboxOption = False,
    estate: Annotated[
        Path | None, typer.Option("--estate", metavar="FILE", help="with --sandbox: another estate")
    ] = None,
    config: ConfigOption = None,
    profile: ProfileOption = "default",
    no_input: NoInputOption = False,  # noqa: ARG001 - every command takes it; a run never asks
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> int:
    """Review a change: a Jira ticket, its GitHub pull requests and the live AWS account, judged together.

    Name a ticket, pull requests, both, or neither (a posture review of the accounts in scope). Exit codes: 0 nothing
    at or above --fail-on, 5 incomplete, 6 denied by policy, 8 waits for an approval, 10 findings.
    """
    from harness_cli.commands.run_options import RunOptions, open_run_project
    from harness_cli.render.report import deliver

    options = RunOptions(
        env=env,
        ticket=ticket,
        pulls=tuple(pr or ()),
        accounts=tuple(account or ()),
        regions=tuple(region or ()),
        checks=tuple(check or ()),
        skipped=tuple(skip or ()),
        fail_on=fail_on,
        new_only=new_only,
        notify=notify,
        profile=profile,
        resume=resume,
        plan=plan,
        explain=explain,
        wait=wait,
        sandbox=sandbox,
        quiet=quiet,
        verbose=verbose,
        format=format,
        outputs=tuple(output or ()),
    )
    options.check_formats()
    with open_run_project(config, sandbox=sandbox, estate=estate) as project:
        document = _carried_out(project, options)
    if document is None:
        return ExitCode.OK
    deliver(document, format, options.outputs)
    code = ExitCode(document["exitCode"])
    return ExitCode.OK if exit_zero and code is ExitCode.FINDINGS else code


def _carried_out(project: "Project", options: "RunOptions") -> "Document | None":
    """The report of a run, resumed once somebody has decided where --wait asks; None where only the plan was wanted."""
    from dataclasses import replace

    from harness_cli.commands.run_options import wait_for_decision
    from harness_cli.core.errors import ApprovalPendingError

    try:
        document = _once(project, options)
    except ApprovalPendingError as pending:
        trace_id = wait_for_decision(project, pending.request_id, options.wait)
        if trace_id is None:
            raise
        return _carried_out(project, replace(options, resume=trace_id, wait=""))
    if document is None or document["exitCode"] != ExitCode.APPROVAL_PENDING:
        return document
    trace_id = wait_for_decision(project, document["approvals"][-1]["requestId"], options.wait)
    return _once(project, replace(options, resume=trace_id, wait="")) if trace_id else document


def _once(project: "Project", options: "RunOptions") -> "Document | None":
    """One session: a new run, or a paused one gone on with."""
    from harness_cli.commands.run_options import log_in_to_sandbox, trace_to_resume
    from harness_cli.render.progress import choose_progress
    from harness_cli.review.workflow import ReviewRun, paused_request
    from harness_cli.runtime.runs import RunStore
    from harness_cli.runtime.session import open_session

    runs = RunStore(project.paths.runs)
    trace_id = trace_to_resume(runs, options.resume)
    paused = runs.load_pause(trace_id) if trace_id else None
    request = paused_request(paused) if paused else options.request(project)
    if options.sandbox:
        log_in_to_sandbox(project, options.profile)
    with (
        closing(choose_progress(quiet=options.quiet)) as observer,
        open_session(project.config, project.paths, options.session(request, trace_id)) as session,
    ):
        review = ReviewRun(session, request, observer)
        try:
            if options.plan:
                options.show_plan(review.planned())
                return None
            document = review.resume(paused) if paused else review.run()
        except BaseException:
            options.say(f"the trail is {session.writer.path}")
            raise
        options.say(" ".join(document["audit"]["checkpoint"].split()))
        return document
