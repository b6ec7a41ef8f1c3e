"""`harness doctor`: for each connector, who am I and what could a run evaluate; policed and audited like any call."""

from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness_cli.commands.options import ConfigOption, ProfileOption, QuietOption, SandboxOption
from harness_cli.core.errors import UsageError
from harness_cli.core.exits import ExitCode

if TYPE_CHECKING:
    from harness_cli.commands.project import Project


def doctor(
    env: Annotated[
        str, typer.Option("--env", metavar="E", help="the environment; needed unless there is one gate")
    ] = "",
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text|json")] = "text",
    sandbox: SandboxOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = "default",
    quiet: QuietOption = False,
) -> int:
    """Ask each system one harmless question, and say which checks a run could evaluate.

    Every question is decided by policy and written to a trail of its own. Exit 4 where a credential is refused, 5
    where a system did not answer.
    """
    from harness_cli.commands.run_options import environment_of, log_in_to_sandbox
    from harness_cli.render.console import write_document
    from harness_cli.render.doctor import render_examination
    from harness_cli.render.progress import choose_progress
    from harness_cli.review.examination import examine
    from harness_cli.runtime.session import SessionOptions, open_session

    if format not in {"text", "json"}:
        raise UsageError(f"no format {format!a:.20}", help="text or json")
    with _project(config, sandbox) as project, closing(choose_progress(quiet=quiet)) as observer:
        if sandbox:
            log_in_to_sandbox(project, profile)
        named = environment_of(env, tuple(project.config.policy_engine.environment_gates))
        options = SessionOptions(env=named, profile=profile, sandbox=sandbox)
        with open_session(project.config, project.paths, options) as session:
            found = examine(session, named, observer)
        write_document(render_examination(found, format))
        return ExitCode(found.exit_code)


def _project(config: Any, sandbox: bool) -> "AbstractContextManager[Project]":  # Any: the option's Path or None
    from harness_cli.commands.run_options import open_run_project

    return open_run_project(config, sandbox=sandbox, estate=None)
