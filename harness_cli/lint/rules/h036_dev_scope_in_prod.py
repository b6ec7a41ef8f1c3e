"""H036: a tool whose scope says dev, behind the gate of prod."""

import re
from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import written_patterns
from harness_cli.lint.subject import PROD, Subject

_PATH = ("policy_engine", "environment_gates", PROD, "allowed_tools")
_WORD = re.compile(r"(?:^|[^a-z0-9])(dev|develop|development|sandbox|test|testing)(?:[^a-z0-9]|$)", re.ASCII)


def check(subject: Subject) -> Iterator[Found]:
    """Every tool that prod lets through and all of whose scopes name a lower environment."""
    if PROD not in subject.gates or not subject.groups_are_sound:
        return
    lower = _lower_scoped(subject)
    for index, group in enumerate(subject.gates[PROD].allowed_tools):
        for name in subject.groups.get(group, ()):
            if name in lower:
                message = f"prod allows `{name}`, whose scope is {lower[name]}"
                span = subject.value(*_PATH, index)
                yield Found(span, message, "in prod it can read nothing of prod: add a scope of prod, or another tool")


def _lower_scoped(subject: Subject) -> dict[str, str]:
    words: dict[tuple[str, int], str] = {}
    scopes: dict[str, set[int]] = {}
    for written in written_patterns(subject):
        scopes.setdefault(written.tool.name, set()).add(written.clause)
        word = _WORD.search(written.text.lower())
        if word:
            words[written.tool.name, written.clause] = word[1]
    return {
        name: words[name, min(clauses)]
        for name, clauses in scopes.items()
        if all((name, clause) in words for clause in clauses)
    }


RULE = Rule(
    code="H036",
    severity=Severity.INFO,
    title="prod gate allows a tool scoped to dev, sandbox or test",
    why="A review of prod that can only read a development account says nothing about prod; often the scope was "
    "copied.",
    mend="add the account or repositories of prod to the scope, or declare another tool for prod",
    check=check,
)
