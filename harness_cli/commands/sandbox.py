"""`harness sandbox`: the stand-ins, kept up until they are stopped; `harness sandbox login` plays one of its people."""

from pathlib import Path
from typing import Annotated

import typer

from harness_cli.commands.options import ConfigOption
from harness_cli.core.exits import ExitCode

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def sandbox(
    context: typer.Context,
    estate: Annotated[
        Path | None, typer.Option("--estate", metavar="FILE", help="another estate than the embedded one")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="make stand-ins misbehave for chosen paths")
    ] = None,
    print_config: Annotated[
        Path | None, typer.Option("--print-config", metavar="PATH", help="write a working configuration for them")
    ] = None,
) -> int:
    """Start the local stand-in servers (Jira, GitHub, AWS, Slack, OIDC with SCIM) and keep them up.

    Prints one JSON line with their addresses when they are ready; stops on SIGINT and SIGTERM. All listen on
    127.0.0.1. State is kept in `.harness/sandbox/` of the current folder.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    return _serve(estate, faults, print_config)


@app.command()
def login(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="ana, li or bo")],
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="keep the login under this profile (default: PERSON)")
    ] = "",
    config: ConfigOption = None,
) -> int:
    """Log in as one of the sandbox's people: the real device flow, its page answered as that person."""
    from harness_cli.commands.project import sandboxed
    from harness_cli.render.messages import say

    with sandboxed(config) as project:
        name = log_in(project.config.path, person, profile or person)
        say(f"logged in as {name} (profile {profile or person})")
    return ExitCode.OK


def _serve(estate: Path | None, faults: Path | None, print_config: Path | None) -> int:
    import json
    import threading

    from harness_cli.files import write_private
    from harness_cli.render.console import write_document
    from harness_cli.sandbox.estate import load_estate
    from harness_cli.sandbox.faults import load_faults
    from harness_cli.sandbox.print_config import working_configuration
    from harness_cli.sandbox.stack import SandboxStack

    shown = load_estate(estate)
    misbehaviour = load_faults(faults) if faults else None
    with SandboxStack.start(Path.cwd() / ".harness", shown, misbehaviour) as stack:
        if print_config is not None:
            write_private(print_config.absolute(), working_configuration(stack.addresses, shown).encode())
            log_in(print_config.absolute(), shown.requester, "default")
        write_document(json.dumps(stack.addresses.as_json()) + "\n")
        threading.Event().wait()  # until a signal raises
    return ExitCode.OK


def log_in(config: Path, person: str, profile: str) -> str:
    """Walk the device flow as a person of the estate and keep the session; the person's userName."""
    from harness_cli.config.load import load_config
    from harness_cli.runtime.people import prover_of, start_login
    from harness_cli.sandbox.login import approve_device

    prover = prover_of(load_config(config), profile)
    started = start_login(prover)
    approve_device(started.provider.issuer, started.code.user_code, person)
    started.finish()
    return prover.person_of(prover.session_token()).user_name
