"""H058: a Slack channel by its name."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import names_a_channel, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import ScopeKey

_ADVICE = "write the channel's id (C…), from the end of its details in Slack"


def check(subject: Subject) -> Iterator[Found]:
    """Channels of scopes, and the channel that notices go to."""
    for written in written_patterns(subject):
        if names_a_channel(written.key, written.text):
            yield Found(written.span(subject), _message(written.text), _ADVICE)
    slack = subject.config.connections.slack
    if slack and slack.channel and names_a_channel(ScopeKey.CHANNEL, slack.channel):
        yield Found(subject.value("connections", "slack", "channel"), _message(slack.channel), _ADVICE)


def _message(name: str) -> str:
    return f"`{name}` is the name of a channel: no call matches it"


RULE = Rule(
    code="H058",
    severity=Severity.WARNING,
    title="Slack channel by name",
    why="Names of channels can be changed, and taken by somebody else: only the id says which channel is meant. A "
    "name matches nothing.",
    mend="write the id, C… or G…",
    check=check,
)
