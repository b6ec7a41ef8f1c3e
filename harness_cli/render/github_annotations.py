"""Findings as GitHub annotations: the ten worst and a summary, because only ten are shown of each kind."""

from collections.abc import Sequence
from typing import Final

from harness_cli.core.diagnostic import Diagnostic, Severity
from harness_cli.guard.clean import clean
from harness_cli.lint.outcome import FileOutcome, summary

_SHOWN: Final = 10
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def github_annotations(outcomes: Sequence[FileOutcome]) -> str:
    """The workflow commands of `validate-config --format github`."""
    found = [d for outcome in outcomes for d in outcome.diagnostics]
    worst = sorted(found, key=lambda d: _ORDER.index(d.severity))[:_SHOWN]
    text = summary(outcomes)
    if len(found) > _SHOWN:
        text += f"; the {_SHOWN} worst are shown"
    lines = [*map(_annotation, worst), f"::notice title=harness validate-config::{_data(text)}"]
    return "\n".join(lines) + "\n"


def _annotation(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    places = f"file={_property(diagnostic.path)},line={span.line},endLine={span.end_line},col={span.column}"
    if span.end_line == span.line:  # GitHub refuses columns of a range over several lines
        places += f",endColumn={span.end_column}"
    text = diagnostic.message + (f" ({diagnostic.help})" if diagnostic.help else "")
    return f"::{_COMMANDS[diagnostic.severity]} {places},title={diagnostic.code}::{_data(text)}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
