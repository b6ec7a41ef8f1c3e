"""What may be answered to the questions of `init`: the grammar of the policy, before anything is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from harness_cli.core.errors import UsageError
from harness_cli.policy.scope import PatternRefusedError, ScopeKey, parse_pattern

_ENVIRONMENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}", re.ASCII)
_ADDRESS_OF_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}:[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked, and how an answer is judged; `refuse` returns what is wrong, or nothing."""

    name: str
    text: str
    example: str
    refuse: Callable[[str], str]

    def accept(self, answer: str) -> str:
        """The answer. Raises UsageError."""
        fault = self.refuse(answer)
        if fault:
            raise UsageError(f"{self.name} {answer[:80]!a}: {fault}", help=f"for example {self.example}")
        return answer


def _scope(key: ScopeKey, suffix: str = "") -> Callable[[str], str]:
    def refuse(answer: str) -> str:
        try:
            parse_pattern(key, answer + suffix)
        except PatternRefusedError as err:
            return str(err)
        return ""

    return refuse


def _address(answer: str) -> str:
    try:
        parts = urlsplit(answer)
        loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    except ValueError:
        return "not an address"
    if not parts.hostname or parts.username is not None or any(c.isspace() for c in answer):
        return "not an address"
    return "" if parts.scheme == "https" or (loopback and parts.scheme == "http") else "the address must be https"


def _github_address(answer: str) -> str:
    parts = urlsplit(answer) if not _address(answer) else None
    if parts is None:
        return _address(answer)
    is_api = parts.hostname in {"api.github.com", "127.0.0.1", "localhost"} or parts.path.rstrip("/") == "/api/v3"
    return "" if is_api else "the API of GitHub Enterprise Server ends with /api/v3"


def _matching(form: re.Pattern[str], words: str) -> Callable[[str], str]:
    return lambda answer: "" if form.fullmatch(answer) else words


def _text(answer: str) -> str:
    return "" if answer.strip() == answer and answer.isprintable() and len(answer) <= 254 else "not plain text"


ENVIRONMENT: Final = Question(
    "environment", "environments that reviews may look at", "prod", _matching(_ENVIRONMENT, "not a name")
)
JIRA_URL: Final = Question("address of Jira", "address of your Jira site", "https://acme.atlassian.net", _address)
JIRA_PROJECT: Final = Question(
    "Jira project", "Jira projects with the change tickets", "SEC", _scope(ScopeKey.PROJECT_KEY, "-*")
)
JIRA_USER: Final = Question(
    "Jira user", "your e-mail address in Jira Cloud (empty: Data Center)", "you@acme.example", _text
)
GITHUB_URL: Final = Question(
    "address of GitHub", "address of the GitHub API", "https://api.github.com", _github_address
)
REPOSITORY: Final = Question(
    "repository", "repositories with the infrastructure code", "acme/infra-*", _scope(ScopeKey.REPO)
)
ACCOUNT: Final = Question(
    "AWS account", "AWS accounts to look at, 12 digits each", "123456789012", _scope(ScopeKey.ACCOUNT)
)
REGION: Final = Question("AWS region", "AWS regions to look at", "us-east-1", _scope(ScopeKey.REGION))
PROFILE: Final = Question("AWS profile", "profile of your AWS configuration (empty: the usual chain)", "review", _text)
CHANNEL: Final = Question(
    "Slack channel", "id of the Slack channel that is told", "C0123456789", _scope(ScopeKey.CHANNEL)
)
APPROVERS: Final = Question("group of approvers", "group of the people who approve", "infra-approvers", _text)
SYSLOG: Final = Question(
    "address of the SIEM",
    "HOST:PORT of a syslog server that gets the audit trail (empty: none yet)",
    "siem.acme.example:6514",
    _matching(_ADDRESS_OF_HOST, "not HOST:PORT"),
)
