"""`harness report ID`: a kept report again, in any format."""

from typing import Annotated

import typer

from harness_cli.commands.options import ConfigOption, OutputsOption, ReportFormatOption
from harness_cli.core.exits import ExitCode


def report(
    trace_id: Annotated[str, typer.Argument(metavar="ID", help="the trace id of the run, or its unique beginning")],
    format: ReportFormatOption = "text",
    output: OutputsOption = None,
    config: ConfigOption = None,
) -> int:
    """Print the report of a past run again. Nothing is read from any system."""
    from harness_cli.commands.project import project_paths
    from harness_cli.render.report import deliver
    from harness_cli.runtime.runs import RunStore

    store = RunStore(project_paths(config).runs)
    document = store.load_report(store.find(trace_id))
    deliver(document, format, tuple(output or ()))
    return ExitCode.OK
