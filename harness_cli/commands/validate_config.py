"""`harness validate-config`: check configurations offline."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness_cli.commands.options import ConfigOption, NoInputOption, OutputOption, QuietOption, VerboseOption
from harness_cli.config.discover import find_config
from harness_cli.config.document import Document
from harness_cli.core.errors import ConfigError, UsageError
from harness_cli.core.exits import ExitCode
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.files import STANDARD_INPUT, check, documents, fix
from harness_cli.lint.outcome import FileOutcome, is_refused, summary
from harness_cli.render.console import has_color, width_of, write_document
from harness_cli.render.messages import say


class Form(StrEnum):
    """The forms of the result."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Options:
    """What to check, and how to say it."""

    paths: tuple[Path, ...]
    form: Form
    output: Path | None
    strict: bool
    fix: bool
    diff: bool
    quiet: bool
    explains: bool = False


def validate_config(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="files, folders, or - for standard input")
    ] = None,
    config: ConfigOption = None,
    form: Annotated[Form, typer.Option("--format", help="how to say it")] = Form.TEXT,
    output: OutputOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="warnings refuse too")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="write the safe fixes into the files")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="show what --fix writes, or would write")] = False,
    list_rules: Annotated[bool, typer.Option("--list-rules", help="list all rules and end")] = False,
    tests: Annotated[
        list[Path] | None, typer.Option("--tests", metavar="PATH", help="run policy tests (repeatable)")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="GITREF", help="what the policy allows more or less than then")
    ] = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
    no_input: NoInputOption = False,  # noqa: ARG001 - every command takes it; this one never asks
) -> int:
    """Check configurations: every error, warning and remark, at its place, with what to do.

    Ends with 3 where a file is refused. `harness explain CODE` says more about a rule.
    """
    if list_rules:
        return _list_rules(form, output)
    if tests:
        return _run_tests(tests, form, output)
    named = tuple(paths or ()) or (_found(config),)
    if against is not None:
        return _compare(named, against, form, output)
    return _check(Options(named, form, output, strict, fix, diff, quiet, bool(verbose)))


def _found(option: Path | None) -> Path:
    path = find_config(option, os.environ, Path.cwd())
    if path is None:
        raise ConfigError("no configuration found", code="H000", help="name one, or write one with `harness init`")
    return path


def _check(options: Options) -> int:
    standard_input = b""
    if Path(STANDARD_INPUT) in options.paths:
        if options.fix:
            raise UsageError("standard input cannot be fixed", help="name a file")
        standard_input = sys.stdin.buffer.read(CONFIG_BYTES + 1)
    found = list(documents(options.paths, standard_input))
    if not found:
        raise UsageError("no configuration found in what was named", help="name a file, or a folder with some")
    if options.fix or options.diff:
        outcomes = _fixed(found, options)
    else:
        outcomes = [check(path, document, _today()) for path, document in found]
    if not options.diff:
        write_document(_rendered(outcomes, options), options.output)
    if not options.quiet and options.form is not Form.GITHUB:
        say(summary(outcomes))
    if options.explains:
        _explain(outcomes)
    return ExitCode.CONFIG if is_refused(outcomes, strict=options.strict) else ExitCode.OK


def _explain(outcomes: Sequence[FileOutcome]) -> None:
    from harness_cli.lint.registry import rule

    for code in sorted({d.code for o in outcomes for d in o.diagnostics}):
        say(f"{code}: {rule(code).why}")


def _fixed(found: Sequence[tuple[Path, Document]], options: Options) -> list[FileOutcome]:
    """What is left after the safe fixes; with `--diff` the difference is the document that was asked for."""
    results = [fix(path, document, _today(), write=options.fix) for path, document in found]
    if options.diff:
        write_document("".join(difference for _, difference in results), options.output)
    return [outcome for outcome, _ in results]


def _today() -> date:
    return datetime.now(UTC).date()


def _rendered(outcomes: Sequence[FileOutcome], options: Options) -> str:
    match options.form:
        case Form.JSON:
            from harness_cli.render.diagnostics_json import diagnostics_json

            return diagnostics_json(outcomes)
        case Form.SARIF:
            from harness_cli.render.sarif_diagnostics import sarif_document

            return sarif_document(outcomes)
        case Form.GITHUB:
            from harness_cli.render.github_annotations import github_annotations

            return github_annotations(outcomes)
        case Form.TEXT:
            return _text(outcomes, options.output)


def _text(outcomes: Sequence[FileOutcome], output: Path | None) -> str:
    from harness_cli.render.diagnostics import render_diagnostics

    color = output is None and has_color(sys.stdout)
    shown = (
        render_diagnostics(o.diagnostics, o.sources, width=width_of(sys.stdout), color=color)
        for o in outcomes
        if o.diagnostics
    )
    return "\n".join(shown)


def _list_rules(form: Form, output: Path | None) -> int:
    from harness_cli.lint.registry import rules

    if form is Form.JSON:
        entries = [{"code": r.code, "severity": r.severity, "title": r.title, "fixable": r.fixes} for r in rules()]
        write_document(json.dumps({"version": "1.0", "rules": entries}, indent=2) + "\n", output)
        return ExitCode.OK
    rows = (f"{r.code}  {r.severity:<7}  {'fix' if r.fixes else '   '}  {r.title}\n" for r in rules())
    write_document("".join(rows), output)
    return ExitCode.OK


def _run_tests(paths: Sequence[Path], form: Form, output: Path | None) -> int:
    from harness_cli.lint.policy_tests import cases_json, run_policy_tests

    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder", help="name a file of policy tests")
    files = run_policy_tests(paths)
    outcomes = [FileOutcome(f.path, f.diagnostics, {f.path: f.source}) for f in files]
    if form is Form.JSON:
        write_document(json.dumps(cases_json(files), indent=2) + "\n", output)
    else:
        write_document(_rendered(outcomes, Options((), form, output, False, False, False, False)), output)
        passed = sum(r.ok for f in files for r in f.report.results)
        say(f"{passed} of {sum(len(f.report.results) for f in files)} cases hold")
    return ExitCode.CONFIG if any(f.has_failed for f in files) else ExitCode.OK


def _compare(paths: Sequence[Path], ref: str, form: Form, output: Path | None) -> int:
    from harness_cli.lint.against import policy_difference
    from harness_cli.policy.diff import markdown

    if form not in {Form.TEXT, Form.JSON}:
        raise UsageError(f"a difference has no form {form}", help="take --format text (Markdown) or json")
    found = [(path, policy_difference(path, ref)) for path in paths]
    if form is Form.JSON:
        files = [{"path": str(path), "differences": [asdict(row) for row in rows]} for path, rows in found]
        write_document(json.dumps({"version": "1.0", "against": ref, "files": files}, indent=2) + "\n", output)
    else:
        write_document("\n".join(markdown(rows) for _, rows in found), output)
    return ExitCode.OK
