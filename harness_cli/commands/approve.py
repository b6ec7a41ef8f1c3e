"""`harness approve`: see what is asked, and decide it as yourself."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness_cli.commands.options import ConfigOption, NoInputOption, ProfileOption, SandboxOption
from harness_cli.core.errors import ApprovalRefusedError, UsageError
from harness_cli.core.exits import ExitCode

if TYPE_CHECKING:
    from harness_cli.approval.store import ApprovalRequest, Word
    from harness_cli.commands.project import Project
    from harness_cli.runtime.approvals import ApprovalDesk

SHOWN_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line decided; all empty: show only, or ask a person."""

    approve: bool
    deny: bool
    revoke: bool
    digest: str
    reason: str
    no_input: bool


def approve(
    request_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="the request, or its unique beginning; none: list", show_default=False),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="list every request")] = False,
    approve_: Annotated[bool, typer.Option("--approve", help="approve (with --digest and --reason)")] = False,
    deny: Annotated[bool, typer.Option("--deny", help="deny (with --reason)")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="take an approval back (with --reason)")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="why; the requester sees it")] = "",
    digest: Annotated[str, typer.Option("--digest", metavar="SHA256", help="the digest that you read")] = "",
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text|json")] = "text",
    sandbox: SandboxOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = "default",
    no_input: NoInputOption = False,
) -> int:
    """Decide a pending request, or list them.

    Shows the exact payload, who asks and why, the digest and the deadlines. On a terminal you type the digest's first
    six characters to approve. Nobody approves a request of their own; an approval is used once.
    """
    if format not in {"text", "json"}:
        raise UsageError(f"no format {format!a:.20}", help="text or json")
    choice = Choice(approve_, deny, revoke, digest.removeprefix("sha256:"), reason, no_input)
    _check(choice, request_id)
    with _project(config, sandbox) as project:
        desk = _desk(project, profile, sandbox)
        if list_ or request_id is None:
            return _list(desk, format)
        request = desk.store.load(desk.store.find(request_id))
        return _decide(desk, request, choice, format)


def _check(choice: Choice, request_id: str | None) -> None:
    if sum((choice.approve, choice.deny, choice.revoke)) > 1:
        raise UsageError("--approve, --deny and --revoke exclude each other")
    acts = choice.approve or choice.deny or choice.revoke
    if acts and request_id is None:
        raise UsageError("which request? name its id", help="`harness approve --list` shows them")
    if choice.approve and not choice.digest:
        raise UsageError("--approve needs --digest", help="read the request first: `harness approve ID`")
    if acts and not choice.reason:
        raise UsageError("a decision needs --reason")


def _project(config: Any, sandbox: bool) -> "AbstractContextManager[Project]":  # Any: the option's Path or None
    from harness_cli.commands.project import open_project, sandboxed

    return sandboxed(config) if sandbox else nullcontext(open_project(config))


def _desk(project: "Project", profile: str, sandbox: bool) -> "ApprovalDesk":
    from harness_cli.runtime.session import open_desk

    return open_desk(project.config, project.paths, profile, sandbox=sandbox)


def _list(desk: "ApprovalDesk", format: str) -> int:
    from harness_cli.render.approvals import render_list
    from harness_cli.render.console import write_document

    requests = [desk.store.load(request_id) for request_id in desk.store.ids()]
    shown = [(request, desk.standing(request)) for request in requests]
    write_document(render_list(shown, format, desk.clock.now()))
    return ExitCode.OK


def _decide(desk: "ApprovalDesk", request: "ApprovalRequest", choice: Choice, format: str) -> int:
    from harness_cli.approval.store import Word
    from harness_cli.render.approvals import render_request
    from harness_cli.render.console import write_document
    from harness_cli.render.messages import say

    if choice.revoke:
        first = desk.revoke(request, desk.prover.session_token(), choice.reason)
        say("taken back" if first else "it had been taken back before")
        return ExitCode.OK
    if choice.approve or choice.deny:
        word, digest, reason = (Word.APPROVE if choice.approve else Word.DENY), choice.digest, choice.reason
    else:
        write_document(render_request(request, desk.standing(request), format, desk.clock.now()))
        if choice.no_input or format == "json" or not sys.stdin.isatty():
            return ExitCode.OK
        word, digest, reason = _asked(request)
    digest = digest or request.envelope.digest
    found = desk.decide(request, desk.prover.session_token(), word, reason, digest)
    say(f"{word.value}d: {found.have} of {found.need} approvals, the request is {found.state.value}")
    return ExitCode.OK


def _asked(request: "ApprovalRequest") -> "tuple[Word, str, str]":
    """Ask the person at the terminal. Raises ApprovalRefusedError where they type something else."""
    from harness_cli.approval.store import Word

    expected = request.envelope.digest[:SHOWN_DIGITS]
    typed = typer.prompt("type the digest's first six characters to approve, or `deny`", err=True).strip()
    if typed not in {expected, "deny"}:
        raise ApprovalRefusedError("that is not the digest: nothing was decided", code="A002")
    reason = typer.prompt("reason", err=True).strip()
    return (Word.DENY if typed == "deny" else Word.APPROVE), request.envelope.digest, reason
