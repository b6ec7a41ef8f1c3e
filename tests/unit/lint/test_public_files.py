"""The published template and the public load cases, as the specification rules them."""

import json
from datetime import date
from pathlib import Path

import pytest

from harness_cli.config.read import parse_document, read_document
from harness_cli.config.understand import understand
from harness_cli.core.diagnostic import Diagnostic, Severity
from harness_cli.core.errors import ConfigError
from harness_cli.lint.accept import load_accepted
from harness_cli.lint.run import lint
from tests.unit.config.samples import shared

TODAY = date(2026, 11, 24)
TEMPLATE = {
    "H010", "H030", "H031", "H032", "H036", "H041", "H043", "H052", "H055", "H061", "H062", "H064", "H070",
}  # fmt: skip


def findings(name: str) -> tuple[Diagnostic, ...]:
    path = shared(name)
    return lint(understand(read_document(path), path), TODAY)


def test_template_triggers_exactly_the_rules_that_are_marked_for_it() -> None:
    found = findings("seed-config.yaml")
    assert {d.code for d in found} == TEMPLATE
    assert not [d for d in found if d.severity is Severity.ERROR]


@pytest.mark.parametrize("name", ["full-config.yaml", "isolating-config.yaml"])
def test_published_configurations_have_no_errors(name: str) -> None:
    assert not [d for d in findings(name) if d.severity is Severity.ERROR]
    assert load_accepted(shared(name)).tools


def test_public_load_cases_are_refused_by_lint_and_by_the_run(tmp_path: Path) -> None:
    path = tmp_path / "agent-harness-config.yaml"
    for line in shared("policy-cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["stage"] != "load":
            continue
        path.write_text(case["input"], encoding="utf-8")
        found = lint(understand(parse_document(path.read_bytes(), "x"), path), TODAY)
        assert [d for d in found if d.severity is Severity.ERROR], case["id"]
        with pytest.raises(ConfigError):
            load_accepted(path)


@pytest.mark.parametrize(
    ("case", "code", "text"),
    [
        ("LD14", "H051", "*/infra-*"),
        ("LD15", "H053", "org/infra-*/x"),
        ("LD16", "H053", "repos"),
        ("LD19", "H053", '""'),
    ],
)
def test_scope_defects_are_found_at_their_exact_place(case: str, code: str, text: str) -> None:
    rows = (json.loads(line) for line in shared("policy-cases.jsonl").read_text(encoding="utf-8").splitlines())
    source = next(row["input"] for row in rows if row["id"] == case)
    document = parse_document(source.encode(), "x")
    (found,) = (d for d in lint(understand(document, Path("x")), TODAY) if d.severity is Severity.ERROR)
    line = document.lines[found.span.line - 1]
    assert found.code == code
    assert line[found.span.column - 1 : found.span.end_column - 1] == text
