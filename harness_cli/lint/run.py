"""All rules over one file: what the loader found, what the rules find, less what somebody accepts."""

from collections.abc import Iterator
from datetime import date

from harness_cli.config.secret_forms import without_secrets
from harness_cli.config.understand import Understood
from harness_cli.core.diagnostic import Diagnostic, Severity, in_source_order
from harness_cli.lint.registry import checking_rules, rule
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject
from harness_cli.lint.suppress import suppressions, useless, without_suppressed


def lint(understood: Understood, today: date) -> tuple[Diagnostic, ...]:
    """Every finding about a file, in source order."""
    found = all_findings(understood, today)
    document = understood.document
    active = suppressions(document, today)
    kept = without_suppressed(found, active, document.path)
    errors = frozenset(d.code for d in kept if d.severity is Severity.ERROR)
    kept += (_diagnostic(rule("H085"), f, document.path) for f in useless(active, errors))
    return tuple(in_source_order(kept))


def all_findings(understood: Understood, today: date) -> list[Diagnostic]:
    """Every finding, accepted or not."""
    found = list(understood.diagnostics)
    if understood.config is not None:
        subject = Subject(understood, understood.config, today)
        said = {(d.path, d.code, d.span) for d in found}  # the loader may have said so already, at the same place
        for each in checking_rules():
            found += (d for d in _checked(each, subject) if (d.path, d.code, d.span) not in said)
    return found


def errors_of(understood: Understood) -> tuple[Diagnostic, ...]:
    """The errors alone: what makes a run refuse a file. No rule's error depends on the day."""
    found = all_findings(understood, date.min)
    return tuple(in_source_order([d for d in found if d.severity is Severity.ERROR]))


def _checked(each: Rule, subject: Subject) -> Iterator[Diagnostic]:
    if each.check is not None:
        found = (_diagnostic(each, f, subject.document.path) for f in each.check(subject))
        yield from without_secrets(found)


def _diagnostic(each: Rule, found: Found, path: str) -> Diagnostic:
    return Diagnostic(
        each.code,
        found.severity or each.severity,
        found.message,
        found.path or path,
        found.span,
        found.advice,
        found.label,
        found.edits,
    )
