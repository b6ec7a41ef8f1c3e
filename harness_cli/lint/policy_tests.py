"""Policy tests as files: read, run, and what no test exercises (H086, H087)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness_cli.config.document import Document, plain
from harness_cli.config.model import Config
from harness_cli.config.read import read_document
from harness_cli.core.canonical import Json
from harness_cli.core.diagnostic import Diagnostic, Severity
from harness_cli.core.errors import ConfigError
from harness_cli.lint.accept import load_accepted
from harness_cli.lint.registry import rule
from harness_cli.policy.cases import CaseRefusedError, CaseReport, run_cases


@dataclass(frozen=True, slots=True)
class TestedFile:
    """One file of policy tests and what came of it."""

    path: str
    report: CaseReport
    diagnostics: tuple[Diagnostic, ...]
    source: str

    __test__ = False  # not a test of ours, whatever its name says

    @property
    def has_failed(self) -> bool:
        """Whether a case did not hold."""
        return not self.report.ok


def run_policy_tests(paths: Sequence[Path]) -> tuple[TestedFile, ...]:
    """Run every file; folders are searched for `*.yaml` files with `config` and `cases`.

    Raises: ConfigError where a file or the configuration that it tests cannot be understood.
    """
    return tuple(_run(path) for given in paths for path in _files(given))


def cases_json(files: Sequence[TestedFile]) -> Mapping[str, Json]:
    """The document of `--tests --format json`; the counts of several files are added up."""
    cases: list[Json] = []
    rules = exercised = 0
    unexercised: list[Json] = []
    for file in files:
        found = file.report.as_json()["cases"]
        cases += found if isinstance(found, list) else []
        rules += len(file.report.rules)
        exercised += len(file.report.exercised)
        unexercised += file.report.unexercised
    return {"cases": cases, "coverage": {"rules": rules, "exercised": exercised, "unexercised": unexercised}}


def _files(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    candidates = sorted(p for p in given.rglob("*") if p.suffix in {".yaml", ".yml"} and p.is_file())
    return [p for p in candidates if is_policy_test(read_document(p))]


def is_policy_test(document: Document) -> bool:
    """Whether a file is one of policy tests."""
    return document.node("config") is not None and document.node("cases") is not None


def _run(path: Path) -> TestedFile:
    document = read_document(path)
    # a case about a hostile value has to write it down: hidden characters are refused in policies, not in their tests
    wrong = tuple(diagnostic for diagnostic in document.diagnostics if diagnostic.code != "H001")
    if document.root is None or wrong:
        raise ConfigError(
            f"{path}: not a file of policy tests",
            code=wrong[0].code if wrong else "H000",
            diagnostics=wrong,
            sources={document.path: document.text},
        )

    def load(reference: str) -> Config:
        return load_accepted(path.parent / reference)

    try:
        report = run_cases(plain(document.root), load)
    except CaseRefusedError as err:
        raise ConfigError(f"{path}: {err}", code="H087", help="see `harness explain H087`") from err
    return TestedFile(str(path), report, tuple(_findings(document, report)), document.text)


def _findings(document: Document, report: CaseReport) -> list[Diagnostic]:
    found = []
    for index, result in enumerate(report.results):
        if not result.ok:
            wanted = result.expected_effect + (f" {result.expected_code}" if result.expected_code else "")
            message = f"`{result.name}`: expected {wanted}, got {result.decision.effect} {result.decision.code}"
            span = document.value_span("cases", index, "expect")
            found.append(Diagnostic("H087", Severity.ERROR, message, document.path, span, result.decision.reason))
    if report.unexercised:
        shown = ", ".join(f"`{name}`" for name in report.unexercised[:5])
        more = len(report.unexercised) - 5
        message = f"no case exercises {shown}" + (f" and {more} more" if more > 0 else "")
        span = document.key_span("cases")
        found.append(Diagnostic("H086", Severity.INFO, message, document.path, span, rule("H086").mend))
    return found
