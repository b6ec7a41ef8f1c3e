"""H050: a scope that matches everything of its kind."""

import re
from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.rules.h059_foreign_syntax import is_foreign
from harness_cli.lint.scopes import Written, fault_of, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import ScopeKey

_LONE = re.compile(r"(?:^|[/:])\*+(?:[/:]|$)")
_WHOLE = frozenset({ScopeKey.PROJECT_KEY, ScopeKey.CHANNEL, ScopeKey.REPO, ScopeKey.ACCOUNT})


def check(subject: Subject) -> Iterator[Found]:
    """Every pattern that is nothing but wildcards, or has a segment that is."""
    for written in written_patterns(subject):
        bare = written.text.strip("*/:-")
        if not bare and written.key in _WHOLE:
            message = f"`{written.key}:{written.text}` matches everything"
            yield Found(written.span(subject), message, "name what the tool may read")
        elif _LONE.search(written.text) and written.key != ScopeKey.ARN and not _is_refused(written):
            message = f"`{written.text}` has a `*` that stands alone: every one of them matches"
            advice = "name them, or write what they start with"
            yield Found(written.span(subject), message, advice, severity=Severity.WARNING)


def _is_refused(written: Written) -> bool:
    return fault_of(written) is not None or is_foreign(written.text)


RULE = Rule(
    code="H050",
    severity=Severity.ERROR,
    title="scope matches everything (a warning where one segment does)",
    why="A scope that matches everything is no scope: a token that reads one repository too many is how reviews leak.",
    mend="name what the tool may read",
    check=check,
)
