"""H056: a scope that leaves a dimension open."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import Written, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import DIMENSIONS


def check(subject: Subject) -> Iterator[Found]:
    """Every alternative of every scope against the dimensions of its system."""
    alternatives: dict[tuple[str, int], list[Written]] = {}
    for written in written_patterns(subject):
        alternatives.setdefault((written.tool.name, written.clause), []).append(written)
    for (name, _), patterns in alternatives.items():
        keys = frozenset(p.key for p in patterns)
        forms = DIMENSIONS[subject.tools[name].connector]
        known = frozenset().union(*forms)
        if keys in forms or not keys <= known:  # H053 speaks of foreign keys
            continue
        missing = min((form - keys for form in forms), key=len)
        span = subject.value(*_place(patterns[0]))
        message = f"scope of `{name}` has no {' and no '.join(sorted(missing))}"
        yield Found(span, message, f"add {', '.join(f'`{key}:…`' for key in sorted(missing))}")


def _place(written: Written) -> tuple[str | int, ...]:
    """The text, the list's item, or the whole mapping that an alternative stands in."""
    return written.path[:3] if len(written.path) > 3 and isinstance(written.path[3], str) else written.path


RULE = Rule(
    code="H056",
    severity=Severity.ERROR,
    title="dimension missing",
    why="An AWS scope without a region, or without an account, would mean all of them. Nothing that is left out is "
    "allowed, so such a scope can never match.",
    mend="name account and region (`region:aws-global` for global services)",
    check=check,
)
