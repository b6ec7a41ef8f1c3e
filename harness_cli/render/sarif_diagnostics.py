"""Findings as SARIF 2.1.0, in the form that GitHub code scanning takes."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from harness_cli import __version__
from harness_cli.core.canonical import Json
from harness_cli.core.diagnostic import Diagnostic, Severity, Span
from harness_cli.lint.outcome import FileOutcome
from harness_cli.lint.registry import rule

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME: Final = "https://github.com/harness-review/harness"


def sarif_document(outcomes: Sequence[FileOutcome]) -> str:
    """The document of `validate-config --format sarif`."""
    codes = sorted({d.code for outcome in outcomes for d in outcome.diagnostics})
    index = {code: number for number, code in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "harness validate-config",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, index[d.code], o.sources) for o in outcomes for d in o.diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> Mapping[str, Json]:
    found = rule(code)
    return {
        "id": code,
        "name": code,
        "shortDescription": {"text": found.title},
        "fullDescription": {"text": found.why},
        "help": {"text": f"{found.why}\n\nMend: {found.mend}"},
        "helpUri": f"{_HOME}/blob/main/docs/rules/README.md#{code.lower()}",
        "defaultConfiguration": {"level": _LEVELS[found.severity]},
        "properties": {"tags": ["security", "configuration"]},
    }


def _result(diagnostic: Diagnostic, rule_index: int, sources: Mapping[str, str]) -> Mapping[str, Json]:
    text = diagnostic.message + (f". {diagnostic.help}" if diagnostic.help else "")
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _place(diagnostic.path, diagnostic.span)}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(diagnostic, sources)},
    }
    if diagnostic.edits:
        result["fixes"] = [_fix(diagnostic)]
    return result


def _place(path: str, span: Span) -> Mapping[str, Json]:
    return {"artifactLocation": {"uri": _uri(path)}, "region": _region(span)}


def _region(span: Span) -> Mapping[str, Json]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(path: str) -> str:
    return quote(path.removeprefix("./").replace("\\", "/"), safe="/")


def _fix(diagnostic: Diagnostic) -> Mapping[str, Json]:
    replacements: Iterable[Mapping[str, Json]] = (
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in diagnostic.edits
    )
    change: Mapping[str, Json] = {
        "artifactLocation": {"uri": _uri(diagnostic.path)},
        "replacements": list(replacements),
    }
    return {"description": {"text": diagnostic.help or diagnostic.message}, "artifactChanges": [change]}


def _fingerprint(diagnostic: Diagnostic, sources: Mapping[str, str]) -> str:
    """The same for the same finding on the same text, wherever in the file the line has moved to."""
    lines = sources.get(diagnostic.path, "").split("\n")
    line = lines[diagnostic.span.line - 1].strip() if diagnostic.span.line <= len(lines) else ""
    parts = (diagnostic.code, diagnostic.path, line, diagnostic.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
