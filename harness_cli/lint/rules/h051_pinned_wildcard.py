"""H051: a wildcard where exactly one name must stand."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import fault_of, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import PatternFault


def check(subject: Subject) -> Iterator[Found]:
    """Every pattern that the grammar refuses for its pinned part."""
    for written in written_patterns(subject):
        fault = fault_of(written)
        if fault and fault[0] is PatternFault.PINNED_WILDCARD:
            yield Found(written.span(subject), fault[1], "write one scope for each of them")


RULE = Rule(
    code="H051",
    severity=Severity.ERROR,
    title="wildcard in owner, account or partition",
    why="Anybody can make an owner or an account whose name fits a wildcard: the scope would let strangers in.",
    mend="name the owner, account or partition",
    check=check,
)
