"""JSON, SARIF and annotations of the same findings."""

import json
from dataclasses import replace
from datetime import date

from jsonschema import Draft202012Validator

from harness_cli.config.read import parse_document
from harness_cli.core.diagnostic import Diagnostic, Severity, Span
from harness_cli.lint.files import check
from harness_cli.lint.outcome import FileOutcome
from harness_cli.render.diagnostics_json import diagnostics_json
from harness_cli.render.github_annotations import github_annotations
from harness_cli.render.sarif_diagnostics import sarif_document
from tests.conftest import ROOT

BASE = (ROOT / "sample-configs" / "agent-harness-config.yaml").read_text(encoding="utf-8")


def outcome(*edits: tuple[str, str]) -> FileOutcome:
    text = BASE
    for old, new in edits:
        text = text.replace(old, new, 1)
    path = ROOT / "a folder" / "c.yaml"
    return check(path, parse_document(text.encode(), "a folder/c.yaml"), date(2026, 11, 24))


BROKEN = outcome(
    ('"sso-scim"', '"ssso-scim"'), ("repo:acme/infra-*", "repo:*/x"), ("retention_days: 2557", "retention_days: 2555")
)


def test_json_follows_its_schema() -> None:
    document = json.loads(diagnostics_json([BROKEN, outcome()]))
    schema = json.loads((ROOT / "schemas" / "diagnostics.v1.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["summary"] == {"errors": 1, "warnings": 1, "infos": 1}
    assert [d["code"] for d in document["files"][0]["diagnostics"]] == ["H010", "H062", "H051"]
    assert [d["fixable"] for d in document["files"][0]["diagnostics"]] == [True, False, False]
    assert document["files"][1]["diagnostics"] == []


def test_sarif_has_what_code_scanning_asks_for() -> None:
    document = json.loads(sarif_document([BROKEN]))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["H010", "H051", "H062"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%20folder/c.yaml"
        assert place["region"]["startLine"] >= 1
        assert place["region"]["endColumn"] > place["region"]["startColumn"]
        assert len(result["partialFingerprints"]["primaryLocationLineHash"]) == 32
    assert [r["level"] for r in run["results"]] == ["warning", "note", "error"]
    assert run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"]


def test_fingerprint_survives_lines_above() -> None:
    moved = outcome(("runtime:", "# one line more\nruntime:"), ("repo:acme/infra-*", "repo:*/x"))
    prints = [
        json.loads(sarif_document([o]))["runs"][0]["results"][0]["partialFingerprints"]
        for o in (moved, outcome(("repo:acme/infra-*", "repo:*/x")))
    ]
    assert prints[0] == prints[1]


def test_ten_worst_annotations_and_a_summary() -> None:
    warning = Diagnostic("H054", Severity.WARNING, "w", "c.yaml", Span(1, 1, 1, 2))
    error = replace(warning, code="H051", severity=Severity.ERROR, message="50%\nof, it: all")
    lines = github_annotations([FileOutcome("c.yaml", (*(warning,) * 15, error))]).splitlines()
    assert len(lines) == 11
    assert lines[0] == "::error file=c.yaml,line=1,endLine=1,col=1,endColumn=2,title=H051::50%25\\nof, it: all"
    assert lines[-1] == "::notice title=harness validate-config::1 error, 15 warnings in 1 file; the 10 worst are shown"


def test_a_path_cannot_forge_an_annotation() -> None:
    path = "a,line=9::error::x\n::error::y.yaml"
    found = Diagnostic("H054", Severity.WARNING, "w", path, Span(1, 1, 2, 2))
    lines = github_annotations([FileOutcome(path, (found,))]).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        "::warning file=a%2Cline=9%3A%3Aerror%3A%3Ax\\n%3A%3Aerror%3A%3Ay.yaml,line=1,endLine=2,col=1,title="
    )
