"""H054: a wildcard that runs on into other names."""

import re
from collections.abc import Iterator
from typing import Final

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import fault_of, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import ScopeKey

_TRAP = re.compile(r"[A-Za-z0-9]\*(?=[/:]|$)", re.ASCII)
_KEYS: Final = frozenset({ScopeKey.REPO, ScopeKey.PROJECT_KEY})
_LIKELY: Final = {ScopeKey.REPO: "structure-secrets", ScopeKey.PROJECT_KEY: "RETS"}


def check(subject: Subject) -> Iterator[Found]:
    """Every pattern whose `*` follows a letter or digit."""
    for written in written_patterns(subject):
        if written.key not in _KEYS or not _TRAP.search(written.text) or fault_of(written):
            continue
        other = written.text.replace("*", _LIKELY[ScopeKey(written.key)], 1)
        fixed = _TRAP.sub(lambda m: m[0][:-1] + "-*", written.text)
        message = f"`{written.text}` matches `{other}` too"
        yield Found(written.span(subject), message, f"write `{fixed}`")


RULE = Rule(
    code="H054",
    severity=Severity.WARNING,
    title="prefix trap",
    why="`SEC*` is meant as the project SEC and matches SECRETS; `infra*` matches whatever somebody names next year.",
    mend="end the prefix with a separator: `SEC-*`, `infra-*`",
    check=check,
)
