"""The answers to the questions of `init`: from the flags, or from a person at the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from harness_cli.config.starter import DEFAULT_REGIONS, USUAL_ENVIRONMENTS, Answers
from harness_cli.core.errors import UsageError
from harness_cli.lint import answers as ask
from harness_cli.render.messages import say
from harness_cli.render.questions import ask_line

T = TypeVar("T")

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


def taken_answers(given: Given) -> Answers:
    """The answers of the flags; without a single system the example of the documentation."""
    if not given.names_a_system:
        given = _as_given(_EXAMPLE, given)
    if given.jira_projects and not given.jira_url:
        raise UsageError("--jira-project needs --jira-url", help=f"for example {ask.JIRA_URL.example}")
    if given.jira_url and not given.jira_projects:
        raise UsageError("--jira-url needs --jira-project", help=f"for example {ask.JIRA_PROJECT.example}")
    return _answers(given)


def _as_given(example: Answers, given: Given) -> Given:
    return replace(
        given,
        jira_url=example.jira_url,
        jira_projects=example.jira_projects,
        jira_user=given.jira_user or example.jira_user,
        repositories=example.repositories,
        accounts=example.accounts,
        channel=example.channel,
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


def asked_answers(given: Given) -> Answers:
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
