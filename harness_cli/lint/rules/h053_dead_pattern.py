"""H053: a pattern that is not of its key's grammar, or that nothing can match."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.rules.h055_account import is_number_of_account
from harness_cli.lint.rules.h059_foreign_syntax import is_foreign
from harness_cli.lint.scopes import Written, fault_of, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import DIMENSIONS, PatternFault


def check(subject: Subject) -> Iterator[Found]:
    """Every pattern against the grammar and against its tool's system."""
    for written in written_patterns(subject):
        known = sorted(str(key) for keys in DIMENSIONS[written.tool.connector] for key in keys)
        if written.key not in known:
            yield _foreign_key(subject, written, sorted(set(known)))
            continue
        fault = fault_of(written)
        if fault and fault[0] is not PatternFault.PINNED_WILDCARD and not _is_elsewhere(written):
            yield Found(written.span(subject), fault[1])


def _is_elsewhere(written: Written) -> bool:
    return is_foreign(written.text) or is_number_of_account(written)


def _foreign_key(subject: Subject, written: Written, known: list[str]) -> Found:
    near = subject.suggestion(written.key, known)
    start = written.offset - len(written.key) - 1
    if start >= 0:
        span = subject.part(start, start + len(written.key), *written.path)
    else:
        span = subject.key(*(p for p in written.path if isinstance(p, str)))
    message = f"`{written.key}` is no dimension of {written.tool.connector}"
    return Found(span, message, f"known here: {', '.join(known)}", f"did you mean `{near}`?" if near else "")


RULE = Rule(
    code="H053",
    severity=Severity.ERROR,
    title="pattern that can match nothing, or not of the key's grammar",
    why="A pattern that matches nothing denies every call; one that is not understood would have to be guessed.",
    mend="write the value as the vendor writes it, with `*` within one segment",
    check=check,
)
