"""`harness audit`: verify the whole folder, close what crashed, make keys."""

from pathlib import Path
from typing import Annotated

import typer

from harness_cli.commands.options import ConfigOption, OutputOption
from harness_cli.core.exits import ExitCode

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def audit() -> None:
    """Verify the audit folder, make keys."""


@app.command()
def verify(
    since: Annotated[
        str, typer.Option("--since", metavar="CHECKPOINT", help="a checkpoint that was saved earlier (file)")
    ] = "",
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="VKEY", help="trust this key only (text or file)")
    ] = None,
    traces: Annotated[
        bool, typer.Option("--all/--ledger-only", help="every trace, or the ledger and its checkpoints alone")
    ] = True,
    repair: Annotated[bool, typer.Option("--repair", help="first close what crashed runs left (writes)")] = False,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text|json")] = "text",
    output: OutputOption = None,
    config: ConfigOption = None,
) -> int:
    """Check every trace, the ledger and all its checkpoints: 0 OK, 5 INCOMPLETE, 9 TAMPER, 11 UNVERIFIABLE."""
    from harness_cli.audit.asked import question
    from harness_cli.audit.verify import verify as check
    from harness_cli.commands.access import note_access
    from harness_cli.commands.project import project_paths
    from harness_cli.core.errors import UsageError
    from harness_cli.render.console import write_document
    from harness_cli.render.trace_json import verdict_json
    from harness_cli.render.trace_text import render_verdict

    if format not in {"text", "json"}:
        raise UsageError(f"no format {format!a}", help="one of text, json")
    folder = project_paths(config).audit
    if folder.is_dir():
        note_access(config, "audit:verify")
    if repair:
        _repair(folder)
    report = check(folder, question(tuple(key or ()), since, None, traces=traces))
    write_document(render_verdict(report) if format == "text" else verdict_json(report), output)
    return report.verdict.exit_code


@app.command()
def keygen(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="the private key's file (default: your own, once)")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="the name that signatures carry, as example.com/audit")
    ] = "",
) -> int:
    """Make a signing key; print its verifier key, which auditors trust with --key or in `trusted_keys`.

    Without --out it is this user's own key, made once and trusted from then on. With --out the private key is for a
    runner that is thrown away: keep it as a secret and name it in `audit.signing: {key: {env: NAME}}`.
    """
    import os

    from harness_cli.audit.keys import local_signer, make_key
    from harness_cli.render.console import write_document

    made = make_key(out, name) if out is not None else local_signer(os.environ).vkey
    write_document(f"{made}\n")
    return ExitCode.OK


def _repair(folder: Path) -> None:
    from harness_cli.audit.store import AuditStore
    from harness_cli.core.clock import SystemClock
    from harness_cli.render.messages import say

    if not folder.is_dir():
        return
    for trace_id in AuditStore(folder, SystemClock(), min_free=0).recover():
        say(f"closed {trace_id}: its writer was gone")
