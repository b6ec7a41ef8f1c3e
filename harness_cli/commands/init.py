"""`harness init`: write a first configuration. It asks for names and addresses, never for a secret."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from harness_cli.commands.init_answers import Given, asked_answers, taken_answers
from harness_cli.commands.options import NoInputOption, QuietOption
from harness_cli.config.discover import FILE_NAME
from harness_cli.config.read import parse_document
from harness_cli.config.starter import Answers, starter_config
from harness_cli.config.starter_tests import starter_tests
from harness_cli.core.diagnostic import Severity
from harness_cli.core.errors import ConfigError, UsageError
from harness_cli.core.exits import ExitCode
from harness_cli.lint import answers as ask
from harness_cli.lint.files import check
from harness_cli.lint.outcome import summary
from harness_cli.render.console import write_document
from harness_cli.render.messages import say
from harness_cli.render.setup_documents import Setup, setup_document

TESTS_NAME = "agent-harness-tests.yaml"
_IGNORED = ".harness/"


def init(
    directory: Annotated[Path, typer.Option("--dir", metavar="D", help="where to write")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="overwrite what is there")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="a configuration for the embedded stand-ins")] = False,
    show: Annotated[bool, typer.Option("--print", help="print it, write nothing")] = False,
    setup: Annotated[
        Setup | None, typer.Option("--print-setup", help="print what an administrator pastes, write nothing")
    ] = None,
    environment: Annotated[list[str] | None, typer.Option("--env", metavar="E", help=f"{ask.ENVIRONMENT.text}")] = None,
    jira_url: Annotated[str, typer.Option(metavar="U", help=ask.JIRA_URL.text)] = "",
    jira_project: Annotated[list[str] | None, typer.Option(metavar="K", help=ask.JIRA_PROJECT.text)] = None,
    jira_user: Annotated[str, typer.Option(metavar="NAME", help=ask.JIRA_USER.text)] = "",
    github_url: Annotated[str, typer.Option(metavar="U", help=ask.GITHUB_URL.text)] = "",
    repo: Annotated[list[str] | None, typer.Option(metavar="GLOB", help=ask.REPOSITORY.text)] = None,
    aws_account: Annotated[list[str] | None, typer.Option(metavar="A", help=ask.ACCOUNT.text)] = None,
    region: Annotated[list[str] | None, typer.Option(metavar="R", help=ask.REGION.text)] = None,
    aws_profile: Annotated[str, typer.Option(metavar="NAME", help=ask.PROFILE.text)] = "",
    slack_channel: Annotated[str, typer.Option(metavar="C", help=ask.CHANNEL.text)] = "",
    approvers: Annotated[str, typer.Option(metavar="GROUP", help=ask.APPROVERS.text)] = "",
    syslog: Annotated[str, typer.Option(metavar="HOST:PORT", help=ask.SYSLOG.text)] = "",
    no_input: NoInputOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write a first configuration, its policy tests, and a line in .gitignore.

    On a terminal it asks; with --no-input it takes the flags. It never asks for a secret and never stores one.
    """
    if setup is not None:
        account = ask.ACCOUNT.accept(aws_account[0]) if aws_account else ""
        write_document(setup_document(setup, account))
        return ExitCode.OK
    if not show:
        _refuse_overwriting(directory, force)
    if sandbox:
        return _write_sandbox(directory, show, quiet)
    given = Given(
        environments=tuple(environment or ()),
        jira_url=jira_url,
        jira_projects=tuple(jira_project or ()),
        jira_user=jira_user,
        github_url=github_url,
        repositories=tuple(repo or ()),
        accounts=tuple(aws_account or ()),
        regions=tuple(region or ()),
        aws_profile=aws_profile,
        channel=slack_channel,
        approvers=approvers,
        syslog=syslog,
    )
    answers = asked_answers(given) if _is_asked(no_input) else taken_answers(given)
    return _write_starter(directory, answers, show, quiet)


def _is_asked(no_input: bool) -> bool:
    return sys.stdin.isatty() and not no_input


# --- files --------------------------------------------------------------------------------------------


def _refuse_overwriting(directory: Path, force: bool) -> None:
    path = directory / FILE_NAME
    if path.exists() and not force:
        raise UsageError(f"{path} is there already", help="use --force to overwrite it, or --dir for another folder")


def _write_starter(directory: Path, answers: Answers, show: bool, quiet: bool) -> int:
    text = starter_config(answers, datetime.now(UTC).date())
    outcome = check(directory / FILE_NAME, parse_document(text.encode(), FILE_NAME), datetime.now(UTC).date())
    if outcome.count(Severity.ERROR):
        raise ConfigError(
            "the answers make no valid configuration",
            diagnostics=outcome.diagnostics,
            sources=dict(outcome.sources),
        )
    if show:
        write_document(text)
        return ExitCode.OK
    _write(directory / FILE_NAME, text)
    written = [FILE_NAME]
    if not (directory / TESTS_NAME).exists() and answers.readers:
        _write(directory / TESTS_NAME, starter_tests(answers, FILE_NAME, TESTS_NAME))
        written.append(TESTS_NAME)
    if _ignore(directory):
        written.append(".gitignore")
    if not quiet:
        say(f"wrote {', '.join(str(directory / name) for name in written)}: {summary([outcome])}")
        _tell_next()
    return ExitCode.OK


def _tell_next() -> None:
    say("next: set the variables that `connections` names, then `harness doctor`, then `harness run --env dev`")
    say("for staging and prod: `harness init --print-setup aws|github|jira|slack`, and sso-scim under `identity`")


def _write_sandbox(directory: Path, show: bool, quiet: bool) -> int:
    from harness_cli.sandbox.estate import load_estate
    from harness_cli.sandbox.print_config import working_configuration
    from harness_cli.sandbox.stack import SandboxStack

    estate = load_estate()
    with SandboxStack.attach_or_start(directory / ".harness", estate, wait=False) as stack:
        text = working_configuration(stack.addresses, estate)
    if show:
        write_document(text)
        return ExitCode.OK
    _write(directory / FILE_NAME, text)
    _ignore(directory)
    if not quiet:
        say(f"wrote {directory / FILE_NAME} for the stand-ins; start them with `harness sandbox`")
    return ExitCode.OK


def _ignore(directory: Path) -> bool:
    """Whether `.harness/` had to be added to .gitignore."""
    path = directory / ".gitignore"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if any(line.strip().strip("/") == ".harness" for line in text.splitlines()):
        return False
    _write(path, text + ("" if not text or text.endswith("\n") else "\n") + f"{_IGNORED}\n")
    return True


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as err:
        raise UsageError(f"cannot write {path} ({(err.strerror or '').lower()})", help="check --dir") from err
