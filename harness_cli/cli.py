"""The command line: one table of commands, one table from errors to exit codes.

A command module is imported only when its command is called; `--help` knows the others by their line in the table.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import Any

import typer

from harness_cli.core.errors import ConfigError, HarnessError
from harness_cli.core.exits import ExitCode
from harness_cli.streams import silence

UsageProblem: type[Exception] = typer.BadParameter.__mro__[1]  # typer carries its own copy of click's UsageError


@dataclass(frozen=True, slots=True)
class Command:
    """One command: where it lives, and its line in `--help`."""

    name: str
    help: str
    is_group: bool = False

    @property
    def module(self) -> str:
        """The module that implements it."""
        return f"harness_cli.commands.{self.name.replace('-', '_')}"

    @property
    def attribute(self) -> str:
        """The function, or the group's `app`."""
        return "app" if self.is_group else self.name.replace("-", "_")


COMMANDS = (
    Command("init", "write a configuration; asks, or takes flags with --no-input"),
    Command("validate-config", "check configurations offline"),
    Command("run", "run a review"),
    Command("trace", "show or verify the audit trail of a run (no id: list recent runs)"),
    Command("approve", "decide a pending request (no id: list pending ones)"),
    Command("login", "prove who you are (OIDC device flow)"),
    Command("logout", "forget the login"),
    Command("sandbox", "start the local stand-in servers and keep them up", is_group=True),
    Command("doctor", "check each connector: who am I, what could a run evaluate"),
    Command("report", "a past run's report again, in any format"),
    Command("audit", "verify the audit folder, make keys", is_group=True),
    Command("explain", "what a rule, check, error or decision code means and how to mend it"),
)


class TerminatedError(BaseException):
    """SIGTERM arrived; like KeyboardInterrupt it closes what is open and ends the process."""


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit code of DESIGN §3. Prints no traceback unless HARNESS_DEBUG=1."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _invoke(argv)
    except HarnessError as err:
        _show(err)
        return err.exit_code
    except UsageProblem as err:
        return _show_usage(err)
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except TerminatedError:
        return ExitCode.TERMINATED
    except BrokenPipeError:
        silence(sys.stdout)  # nobody reads: say nothing more at exit; and nobody may take this for a verdict
        return ExitCode.INTERNAL
    except Exception as err:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        return _show_internal(err)


def _terminate(_signum: int, _frame: FrameType | None) -> None:
    raise TerminatedError


def _invoke(argv: Sequence[str]) -> int:
    app = typer.Typer(
        name="harness",
        help="Secure infrastructure-review runs: ticket, pull requests and live account judged together.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: rich would cost half of the start-up budget
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )
    app.callback()(_nothing)
    called = next((word for word in argv if not word.startswith("-")), "")
    for command in COMMANDS:
        _register(app, command, is_called=command.name == called)
    result = typer.main.get_command(app).main(args=list(argv), prog_name="harness", standalone_mode=False)
    return result if isinstance(result, int) else ExitCode.OK


def _nothing() -> None:
    """Secure infrastructure-review runs: ticket, pull requests and live account judged together."""


def _register(app: typer.Typer, command: Command, *, is_called: bool) -> None:
    target: Any = _nothing  # Any: a function with the command's own signature, or a Typer
    if is_called:
        target = getattr(import_module(command.module), command.attribute)
    if is_called and command.is_group:
        app.add_typer(target, name=command.name, help=command.help)
        return
    text = None if is_called else command.help
    register: Callable[[Any], Any] = app.command(command.name, help=text, short_help=command.help)
    register(target)


def _show(err: HarnessError) -> None:
    if isinstance(err, ConfigError) and err.diagnostics:
        from harness_cli.render.console import stderr_width_and_color
        from harness_cli.render.diagnostics import render_diagnostics

        width, color = stderr_width_and_color()
        sys.stderr.write(render_diagnostics(err.diagnostics, err.sources, width=width, color=color))
        return
    from harness_cli.render.errors import render_error

    sys.stderr.write(render_error(err))


def _show_usage(err: Exception) -> int:
    context = getattr(err, "ctx", None)
    if context is not None:
        sys.stderr.write(context.get_usage() + "\n")
    message = getattr(err, "format_message", lambda: str(err))()
    from harness_cli.guard.clean import clean

    sys.stderr.write(f"error[U001]: {clean(message)}\n")
    return ExitCode.USAGE


def _show_internal(err: Exception) -> int:
    if os.environ.get("HARNESS_DEBUG") == "1":
        import traceback

        traceback.print_exception(err)  # frames without locals: no secret stands in them
    if isinstance(err, OSError) and err.strerror:
        silence(sys.stdout)  # what it holds would be tried again at exit
        where, why = str(err.filename or ""), "check the folder, its owner, the disk; HARNESS_DEBUG=1 shows more"
        what = "a file cannot be used" if where else "something cannot be read or written"
        _show(HarnessError(f"{what} ({err.strerror})", code="X004", place=where, help=why))
        return ExitCode.INTERNAL
    sys.stderr.write(
        f"error[X000]: internal error ({type(err).__name__})\n"
        "   = help: run again with HARNESS_DEBUG=1 and report what it shows\n"
    )
    return ExitCode.INTERNAL
