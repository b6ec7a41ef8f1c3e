"""H059: signs that other pattern languages have."""

import re
from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import written_patterns
from harness_cli.lint.subject import Subject

_FOREIGN = re.compile(r"\*\*|\.\.|[?\[\]{}()^\\$|]|%[0-9A-Fa-f]{2}")


def check(subject: Subject) -> Iterator[Found]:
    """Every pattern with a sign that has no meaning here."""
    for written in written_patterns(subject):
        match = _FOREIGN.search(written.text)
        if match and is_foreign(written.text):
            start = written.offset + match.start()
            span = subject.part(start, start + len(match[0]), *written.path)
            message = f"`{match[0]}` has no meaning in a pattern"
            yield Found(span, message, "`*` is the only wildcard, it stands for characters within one segment")


def is_foreign(text: str) -> bool:
    """Whether a pattern has a sign of another pattern language; ARNs may hold `$` and `|`."""
    match = _FOREIGN.search(text)
    return match is not None and not (text.startswith("arn:") and match[0] in {"$", "|"})


RULE = Rule(
    code="H059",
    severity=Severity.ERROR,
    title="regular expression, `**`, `?` or `..`",
    why="Patterns are literals and `*` within one segment, so that inclusion is exact and nothing can escape by a "
    "clever sign.",
    mend="write several scopes instead",
    check=check,
)
