"""Findings as JSON (`schemas/diagnostics.v1.schema.json`)."""

import json
from collections.abc import Mapping, Sequence

from harness_cli.core.canonical import Json
from harness_cli.core.diagnostic import Diagnostic, Severity
from harness_cli.lint.outcome import FileOutcome, total

VERSION = "1.0"


def diagnostics_json(outcomes: Sequence[FileOutcome]) -> str:
    """The document of `validate-config --format json`."""
    document = {
        "version": VERSION,
        "files": [{"path": o.path, "diagnostics": [_entry(d, o.path) for d in o.diagnostics]} for o in outcomes],
        "summary": {
            "errors": total(outcomes, Severity.ERROR),
            "warnings": total(outcomes, Severity.WARNING),
            "infos": total(outcomes, Severity.INFO),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _entry(diagnostic: Diagnostic, path: str) -> Mapping[str, Json]:
    entry: dict[str, Json] = {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "path": diagnostic.path,
        "line": diagnostic.span.line,
        "column": diagnostic.span.column,
        "endLine": diagnostic.span.end_line,
        "endColumn": diagnostic.span.end_column,
        "help": diagnostic.help or diagnostic.label,
        "fixable": diagnostic.fixable,
    }
    if diagnostic.path == path:  # only a finding in a layer names another file
        del entry["path"]
    return entry
