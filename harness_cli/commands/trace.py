"""`harness trace [ID]`: recent runs, one run for people or machines, or whether its trail can be trusted."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness_cli.commands.options import ConfigOption, OutputOption, SandboxOption, VerboseOption
from harness_cli.core.errors import ConfigError, NotFoundError, UsageError
from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import TraceId

if TYPE_CHECKING:
    from harness_cli.audit.reader import TraceFilter, Trail
    from harness_cli.policy.tables import Policy

FORMATS = ("text", "json", "jsonl", "html", "ocsf")


def trace(
    trace_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="the trace id, or its unique beginning; none: list recent runs")
    ] = "",
    verify: Annotated[bool, typer.Option("--verify", help="check chain, ledger and signatures")] = False,
    since: Annotated[
        str, typer.Option("--since", metavar="CHECKPOINT", help="a checkpoint that was saved earlier (file)")
    ] = "",
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="VKEY", help="trust this key only (text or file)")
    ] = None,
    why: Annotated[
        int | None,
        typer.Option("--why", metavar="SEQ", min=0, help="what is behind one line: decided again, and today"),
    ] = None,
    tool: Annotated[str, typer.Option("--tool", metavar="T", help="only runs, or events, of this tool")] = "",
    outcome: Annotated[str, typer.Option("--outcome", metavar="O", help="only this outcome")] = "",
    agent: Annotated[str, typer.Option("--agent", metavar="A", help="only runs of this agent")] = "",
    person: Annotated[str, typer.Option("--person", metavar="P", help="only runs of this person")] = "",
    verdict: Annotated[str, typer.Option("--verdict", metavar="V", help="only runs with this verdict")] = "",
    since_time: Annotated[str, typer.Option("--since-time", metavar="TIME", help="not before (RFC 3339)")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="not after (RFC 3339)")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="at most so many runs")] = 50,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="|".join(FORMATS))] = "text",
    output: OutputOption = None,
    config: ConfigOption = None,
    sandbox: SandboxOption = False,
    verbose: VerboseOption = 0,
) -> int:
    """Show or verify the audit trail of a run; without an id list recent runs.

    Reading needs no configuration and no write access. `--verify` ends with 0 OK, 5 INCOMPLETE, 9 TAMPER,
    11 UNVERIFIABLE.
    """
    if format not in FORMATS:
        raise UsageError(f"no format {format!a}", help=f"one of {', '.join(FORMATS)}")
    _refuse_words(outcome, verdict)
    of_lines = {"--tool": tool, "--outcome": outcome}
    of_runs = {
        "--agent": agent,
        "--person": person,
        "--verdict": verdict,
        "--since-time": since_time,
        "--until": until,
    }
    if verify or since or why is not None:
        _refuse_filters(of_lines | of_runs, "picks runs or lines, and this looks at a whole trail")
    if trace_id:
        _refuse_filters(of_runs, "goes with the list of runs")
    folder = _folder(config, sandbox=sandbox)
    if verify or since:
        return _verify(folder, trace_id, since, tuple(key or ()), format, output)
    if why is not None:
        return _why(folder, trace_id, why, _policy_file(config, sandbox=sandbox), format, output)
    if trace_id:
        return _show(folder, trace_id, format, output, verbose, (tool, outcome))
    if format in {"html", "ocsf"}:
        raise UsageError(f"a list has no format {format}", help=f"harness trace ID --format {format}")
    from harness_cli.audit.reader import TraceFilter

    wanted = TraceFilter(agent, person, tool, outcome, _time(since_time), _time(until), verdict.upper())
    asked = " ".join(f"{name} {value}" for name, value in (of_lines | of_runs).items() if value)
    return _list(folder, wanted, limit, format, output, asked)


def _folder(config: Path | None, *, sandbox: bool) -> Path:
    """Where the trails are: beside the configuration, or in the current folder (as `run --sandbox` writes them)."""
    import os

    from harness_cli.config.discover import find_config

    path = config if sandbox else find_config(config, os.environ, Path.cwd())
    if path is None:
        return Path.cwd() / ".harness" / "audit"
    from harness_cli.commands.project import project_paths

    return project_paths(path).audit


def _time(text: str) -> datetime | None:
    from harness_cli.core.clock import parse_rfc3339

    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as err:
        raise UsageError(f"not a time: {text!a}", help="write 2026-11-22T09:30:00Z") from err


def _refuse_filters(filters: Mapping[str, str], why: str) -> None:
    """A filter that would be passed over in silence is refused. Raises UsageError."""
    given = [name for name, value in filters.items() if value]
    if given:
        raise UsageError(f"{', '.join(given)} {why}", help="leave the filter out, or list runs: no id, no --verify")


def _refuse_words(outcome: str, verdict: str) -> None:
    """A word that no run can have is a slip: an empty list would pass for an answer. Raises UsageError."""
    if outcome:
        from harness_cli.audit.reader import outcome_words

        _refuse_word("outcome", outcome, outcome_words())
    if verdict:
        from harness_cli.review.verdict import WORDS

        _refuse_word("verdict", verdict.upper(), WORDS)


def _refuse_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UsageError(f"no {name} {word!a}", help=f"--{name} takes one of {', '.join(known)}")


def _verify(folder: Path, trace_id: str, since: str, keys: tuple[str, ...], format: str, output: Path | None) -> int:
    from harness_cli.audit.asked import question
    from harness_cli.audit.verify import verify
    from harness_cli.render.console import write_document
    from harness_cli.render.trace_json import verdict_json
    from harness_cli.render.trace_text import render_verdict

    only = _wanted(folder, trace_id, is_saved=bool(since))
    report = verify(folder, question(keys, since, only))
    write_document(render_verdict(report, only or "") if format == "text" else verdict_json(report, only), output)
    return report.verdict.exit_code


def _wanted(folder: Path, trace_id: str, *, is_saved: bool) -> TraceId | None:
    """The trace that is meant; all of them where it is gone and a saved checkpoint can tell why."""
    from harness_cli.audit.reader import find

    try:
        return find(folder, trace_id) if trace_id else None
    except NotFoundError:
        if is_saved:
            return None
        raise


def _show(folder: Path, trace_id: str, format: str, output: Path | None, verbose: int, wanted: tuple[str, str]) -> int:
    import sys

    from harness_cli.audit.reader import find, load, only_events
    from harness_cli.render.console import width_of, write_document
    from harness_cli.render.trace_json import trail_json
    from harness_cli.render.trace_ocsf import render_trace_ocsf
    from harness_cli.render.trace_text import render_trail

    trail = load(folder, find(folder, trace_id))
    shown = only_events(trail, *wanted)
    if format == "html":
        write_document(_page(folder, shown), output)
    elif format == "jsonl":
        write_document(b"".join(shown.lines), output)
    elif format == "json":
        write_document(trail_json(shown), output)
    elif format == "ocsf":
        write_document(render_trace_ocsf(shown), output)
    else:
        write_document(render_trail(shown, width_of(sys.stdout), verbose=verbose), output)
    return ExitCode.OK


def _page(folder: Path, trail: "Trail") -> str:
    from harness_cli.audit.asked import question
    from harness_cli.audit.verify import verify
    from harness_cli.render.trace_html import render_page

    return render_page(trail, verify(folder, question((), "", trail.trace_id)))


def _why(folder: Path, trace_id: str, seq: int, config: Path | None, format: str, output: Path | None) -> int:
    from harness_cli.audit.policies import decides_again
    from harness_cli.audit.reader import find, load
    from harness_cli.audit.why import why
    from harness_cli.render.console import write_document
    from harness_cli.render.trace_why import render_why, why_json
    from harness_cli.runtime.catalogue import catalogue

    if not trace_id:
        raise UsageError("--why needs the id of a trace", help="harness trace ID --why SEQ")
    if format not in {"text", "json"}:
        raise UsageError(f"--why has no format {format!a}", help="one of text, json")
    trail = load(folder, find(folder, trace_id))
    today, problem = _policy(config) if config else (None, "")
    found = why(trail, seq, lambda sha256: decides_again(folder, sha256, catalogue()), today, problem)
    write_document(why_json(found) if format == "json" else render_why(found), output)
    return ExitCode.OK


def _policy_file(config: Path | None, *, sandbox: bool) -> Path | None:
    """Where today's policy is; none is needed."""
    import os

    from harness_cli.config.discover import find_config

    if sandbox and config is None:
        path = Path.cwd() / ".harness" / "sandbox" / "agent-harness-config.yaml"
        return path if path.exists() else None
    return find_config(config, os.environ, Path.cwd())


def _policy(config: Path) -> "tuple[Policy | None, str]":
    """Today's policy, or why there is none: a configuration that broke since must not hide the trail."""
    from harness_cli.config.load import load_config
    from harness_cli.policy.compile import compile_policy
    from harness_cli.runtime.catalogue import catalogue

    try:
        return compile_policy(load_config(config), catalogue()), ""
    except ConfigError as err:
        return None, f"the configuration is invalid: {err.message}; see `harness validate-config`"


def _list(folder: Path, wanted: "TraceFilter", limit: int, format: str, output: Path | None, asked: str) -> int:
    import sys

    from harness_cli.audit.reader import list_traces
    from harness_cli.render.console import width_of, write_document
    from harness_cli.render.trace_json import list_json, list_jsonl
    from harness_cli.render.trace_text import render_list

    found = list_traces(folder, wanted, limit)
    if format == "text":
        shown = render_list(found, width_of(sys.stdout)) if found else _nothing(folder, asked)
        write_document(shown, output)
    else:
        write_document(list_json(found) if format == "json" else list_jsonl(found), output)
    return ExitCode.OK


def _nothing(folder: Path, asked: str) -> str:
    """What an empty list means: nothing was ever run here, or nothing that was asked for."""
    from harness_cli.audit.reader import list_traces
    from harness_cli.guard.clean import clean

    newest = list_traces(folder, limit=1)
    if not newest:
        return f"no traces in {clean(str(folder))}\n"
    return f"no traces with {clean(asked)}; the newest of all is {newest[0].trace_id}\n"
