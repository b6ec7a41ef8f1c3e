"""`harness explain CODE`: one page for every code that the program may show."""

from typing import Annotated

import typer

from harness_cli.core.exits import ExitCode


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="P009, H032, TKT-03, A003, C101 …; or `checks`, `codes`")],
) -> int:
    """Say what a rule, check, error or decision code means and how to mend it."""
    from harness_cli.render.console import write_document
    from harness_cli.render.explanation import explanation

    write_document(explanation(code))
    return ExitCode.OK
