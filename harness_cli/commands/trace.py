"""`harness trace [ID]`: recent runs, one run for people or machines, or whether its trail can be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness_cli.commands.options import ConfigOption, OutputOption, SandboxOption
from harness_cli.commands.trace_asked import FORMATS, Asked, moment
from harness_cli.core.errors import ConfigError, NotFoundError
from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import TraceId

if TYPE_CHECKING:
    from harness_cli.audit.reader import TraceFilter, Trail
    from harness_cli.policy.tables import Policy

MOST_RUNS = 50  # that a list shows where no other limit is asked for


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
    outcome: Annotated[
        str,
        typer.Option("--outcome", metavar="O", help="only runs, or events, with this outcome, or runs in this state"),
    ] = "",
    agent: Annotated[str, typer.Option("--agent", metavar="A", help="only runs of this agent")] = "",
    person: Annotated[str, typer.Option("--person", metavar="P", help="only runs of this person")] = "",
    verdict: Annotated[str, typer.Option("--verdict", metavar="V", help="only runs with this verdict")] = "",
    since_time: Annotated[str, typer.Option("--since-time", metavar="TIME", help="not before (RFC 3339)")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="not after (RFC 3339)")] = "",
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, max=1_000_000, help=f"at most so many runs (else {MOST_RUNS})"),
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="|".join(FORMATS))] = "text",
    output: OutputOption = None,
    config: ConfigOption = None,
    sandbox: SandboxOption = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="every line of the trail", show_default=False)
    ] = 0,
) -> int:
    """Show or verify the audit trail of a run; without an id list recent runs.

    Reading needs no configuration and no write access. `--verify` ends with 0 OK, 5 INCOMPLETE, 9 TAMPER,
    11 UNVERIFIABLE.
    """
    asked = Asked(
        trace_id=trace_id,
        verify=verify,
        since=since,
        keys=tuple(key or ()),
        why=why,
        limit=limit,
        format=format,
        of_lines={"--tool": tool, "--outcome": outcome},
        of_runs={
            "--agent": agent,
            "--person": person,
            "--verdict": verdict,
            "--since-time": since_time,
            "--until": until,
        },
    )
    asked.refuse()
    from harness_cli.audit.reader import TraceFilter

    wanted = TraceFilter(agent, person, tool, outcome, moment(since_time), moment(until), verdict.upper())
    folder = _folder(config, sandbox=sandbox)
    if asked.verifies or trace_id:
        _note(folder, asked, config)
    if asked.verifies:
        return _verify(folder, asked, output)
    if why is not None:
        return _why(folder, trace_id, why, _policy_file(config, sandbox=sandbox), format, output)
    if trace_id:
        return _show(folder, asked, output, verbose)
    return _list(folder, asked, wanted, output)


def _note(folder: Path, asked: Asked, config: Path | None) -> None:
    from harness_cli.audit.reader import find
    from harness_cli.commands.access import note_access

    try:
        named = find(folder, asked.trace_id) if asked.trace_id else ""
    except NotFoundError:
        return  # nothing is read, and the command itself says so
    how = "verify" if asked.verifies else "show" if asked.why is None else "why"
    note_access(config, f"trace:{how}", named)


def _folder(config: Path | None, *, sandbox: bool) -> Path:
    """Where the trails are: beside the configuration, or in the current folder (as `run --sandbox` writes them)."""
    import os

    from harness_cli.config.discover import find_config

    path = config if sandbox else find_config(config, os.environ, Path.cwd())
    if path is None:
        return Path.cwd() / ".harness" / "audit"
    from harness_cli.commands.project import project_paths

    return project_paths(path).audit


def _verify(folder: Path, asked: Asked, output: Path | None) -> int:
    from harness_cli.audit.asked import question
    from harness_cli.audit.verify import verify
    from harness_cli.render.console import write_document
    from harness_cli.render.trace_json import verdict_json
    from harness_cli.render.trace_text import render_verdict

    only = _wanted(folder, asked.trace_id, is_saved=bool(asked.since))
    report = verify(folder, question(asked.keys, asked.since, only))
    write_document(render_verdict(report, only or "") if asked.format == "text" else verdict_json(report, only), output)
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


def _show(folder: Path, asked: Asked, output: Path | None, verbose: int) -> int:
    import sys

    from harness_cli.audit.reader import find, load, only_events
    from harness_cli.render.console import width_of, write_document
    from harness_cli.render.messages import say
    from harness_cli.render.trace_facts import tools_of
    from harness_cli.render.trace_json import trail_json
    from harness_cli.render.trace_ocsf import render_trace_ocsf
    from harness_cli.render.trace_text import render_trail

    trail = load(folder, find(folder, asked.trace_id))
    shown = only_events(trail, asked.of_lines["--tool"], asked.of_lines["--outcome"])
    if not shown.events and trail.events:
        say(f"none of the {len(trail.events)} lines has {asked.words}; its tools are {', '.join(tools_of(trail))}")
    if asked.format == "html":
        write_document(_page(folder, shown), output)
    elif asked.format == "jsonl":
        write_document(b"".join(shown.lines), output)
    elif asked.format == "json":
        write_document(trail_json(shown), output)
    elif asked.format == "ocsf":
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


def _list(folder: Path, asked: Asked, wanted: "TraceFilter", output: Path | None) -> int:
    import sys

    from harness_cli.audit.reader import list_traces
    from harness_cli.guard.clean import clean
    from harness_cli.render.console import width_of, write_document
    from harness_cli.render.messages import say
    from harness_cli.render.trace_json import list_json, list_jsonl
    from harness_cli.render.trace_text import render_list

    found = list_traces(folder, wanted, asked.limit or MOST_RUNS)
    nothing = "" if found else _nothing(folder, asked.words)
    if asked.format == "text":
        write_document(clean(nothing) + "\n" if nothing else render_list(found, width_of(sys.stdout)), output)
        return ExitCode.OK
    if nothing:
        say(nothing)
    write_document(list_json(found) if asked.format == "json" else list_jsonl(found), output)
    return ExitCode.OK


def _nothing(folder: Path, asked: str) -> str:
    """What an empty list means: nothing was ever run here, or nothing that was asked for."""
    from harness_cli.audit.reader import count_traces, has_files, list_traces

    newest = list_traces(folder, limit=1)
    if not newest and has_files(folder):
        return f"trails lie in {folder} and its ledger names none of them: ask `harness audit verify`"
    if not newest:
        return f"no traces in {folder}"
    of_all = f"{count_traces(folder)} in all, the newest {newest[0].trace_id}"
    return f"no traces with {asked} ({of_all}): leave a filter out, or see them with `harness trace`"
