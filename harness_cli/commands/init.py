"""`harness init`: write a first configuration. It asks for names and addresses, never for a secret."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from harness_cli.commands.options import NoInputOption, QuietOption
from harness_cli.config.discover import FILE_NAME
from harness_cli.config.read import parse_document
from harness_cli.config.starter import DEFAULT_REGIONS, USUAL_ENVIRONMENTS, Answers, starter_config
from harness_cli.config.starter_tests import starter_tests
from harness_cli.core.diagnostic import Severity
from harness_cli.core.errors import ConfigError, UsageError
from harness_cli.core.exits import ExitCode
from harness_cli.lint import answers as ask
from harness_cli.lint.files import check
from harness_cli.lint.outcome import summary
from harness_cli.render.console import write_document
from harness_cli.render.messages import say
from harness_cli.render.questions import ask_line
from harness_cli.render.setup_documents import Setup, setup_document

T = TypeVar("T")

TESTS_NAME = "agent-harness-tests.yaml"
_IGNORED = ".harness/"
_EXAMPLE = Answers(
    jira_url="https://example.atlassian.net",
    jira_projects=("SEC",),
    jira_user="you@example.com",
    repositories=("example/infra-*",),
    accounts=("123456789012",),
    channel="C0123456789",
)


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says; None and empty mean not said."""

    environments: tuple[str, ...]
    jira_url: str
    jira_projects: tuple[str, ...]
    jira_user: str
    github_url: str
    repositories: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    aws_profile: str
    channel: str
    approvers: str
    syslog: str

    @property
    def names_a_system(self) -> bool:
        """Whether any system is named at all."""
        return bool(self.jira_projects or self.jira_url or self.repositories or self.accounts or self.channel)


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
    return _write_starter(directory, _asked(given) if _is_asked(no_input) else _taken(given), show, quiet)


def _is_asked(no_input: bool) -> bool:
    return sys.stdin.isatty() and not no_input


# --- answers ----------------------------------------------------------------------------------------


def _taken(given: Given) -> Answers:
    """The answers of the flags; without a single system the example of the documentation."""
    if not given.names_a_system:
        given = _as_given(_EXAMPLE, given)
    if given.jira_projects and not given.jira_url:
        raise UsageError("--jira-project needs --jira-url", help=f"for example {ask.JIRA_URL.example}")
    if given.jira_url and not given.jira_projects:
        raise UsageError("--jira-url needs --jira-project", help=f"for example {ask.JIRA_PROJECT.example}")
    return _answers(given)


def _as_given(example: Answers, given: Given) -> Given:
    return Given(
        environments=given.environments,
        jira_url=example.jira_url,
        jira_projects=example.jira_projects,
        jira_user=given.jira_user or example.jira_user,
        github_url=given.github_url,
        repositories=example.repositories,
        accounts=example.accounts,
        regions=given.regions,
        aws_profile=given.aws_profile,
        channel=example.channel,
        approvers=given.approvers,
        syslog=given.syslog,
    )


def _answers(given: Given) -> Answers:
    plain = Answers()
    return Answers(
        environments=_each(ask.ENVIRONMENT, given.environments) or USUAL_ENVIRONMENTS,
        jira_url=_one(ask.JIRA_URL, given.jira_url).rstrip("/"),
        jira_projects=_each(ask.JIRA_PROJECT, given.jira_projects),
        jira_user=_one(ask.JIRA_USER, given.jira_user),
        github_url=_one(ask.GITHUB_URL, given.github_url).rstrip("/") or plain.github_url,
        repositories=_each(ask.REPOSITORY, given.repositories),
        accounts=_each(ask.ACCOUNT, given.accounts),
        regions=_each(ask.REGION, given.regions) or DEFAULT_REGIONS,
        aws_profile=_one(ask.PROFILE, given.aws_profile),
        channel=_one(ask.CHANNEL, given.channel),
        approvers=_one(ask.APPROVERS, given.approvers) or plain.approvers,
        syslog=_one(ask.SYSLOG, given.syslog),
    )


def _one(question: ask.Question, answer: str) -> str:
    return question.accept(answer) if answer else ""


def _each(question: ask.Question, answers: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(question.accept(answer) for answer in answers))


def _asked(given: Given) -> Answers:
    """The answers of a person; what the flags say already is not asked."""
    say("Some questions; an empty answer leaves a system out. Secrets are never asked for.")
    environments = given.environments or _prompt_list(ask.ENVIRONMENT, " ".join(USUAL_ENVIRONMENTS))
    projects = given.jira_projects or _prompt_list(ask.JIRA_PROJECT, "")
    repositories = given.repositories or _prompt_list(ask.REPOSITORY, "")
    accounts = given.accounts or _prompt_list(ask.ACCOUNT, "")
    answers = Given(
        environments=environments,
        jira_url=given.jira_url or (_prompt(ask.JIRA_URL, "", needed=True) if projects else ""),
        jira_projects=projects,
        jira_user=given.jira_user or (_prompt(ask.JIRA_USER, "") if projects else ""),
        github_url=given.github_url or (_prompt(ask.GITHUB_URL, Answers().github_url) if repositories else ""),
        repositories=repositories,
        accounts=accounts,
        regions=given.regions or (_prompt_list(ask.REGION, " ".join(DEFAULT_REGIONS)) if accounts else ()),
        aws_profile=given.aws_profile or (_prompt(ask.PROFILE, "") if accounts else ""),
        channel=given.channel or _prompt(ask.CHANNEL, ""),
        approvers=given.approvers or _prompt(ask.APPROVERS, Answers().approvers),
        syslog=given.syslog or _prompt(ask.SYSLOG, ""),
    )
    if not answers.names_a_system:
        raise UsageError("no system was named, so there is nothing to review", help="name a repository at least")
    return _answers(answers)


def _prompt(question: ask.Question, default: str, *, needed: bool = False) -> str:
    return _until_good(question, default, lambda text: _one(question, text), needed=needed)


def _prompt_list(question: ask.Question, default: str) -> tuple[str, ...]:
    return _until_good(question, default, lambda text: _each(question, text.replace(",", " ").split()))


def _until_good(question: ask.Question, default: str, read: Callable[[str], T], *, needed: bool = False) -> T:
    while True:
        text = ask_line(f"{question.text} (such as {question.example})", default)
        if needed and not text:
            say(f"{question.name} is needed")
            continue
        try:
            return read(text)
        except UsageError as err:
            say(err.message)


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
