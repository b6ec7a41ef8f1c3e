"""Options that several commands share, worded once."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="PATH", help="the configuration (else HARNESS_CONFIG, else ./agent-harness-config.yaml)"
    ),
]
ProfileOption = Annotated[
    str, typer.Option("--profile", metavar="NAME", envvar="HARNESS_PROFILE", help="the login to use", show_default=True)
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="say nothing on stderr but errors")]
VerboseOption = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="say more on stderr", show_default=False)
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="never ask; fail where an answer would be needed")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="write the document to FILE instead of stdout")
]
ReportFormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text|json|sarif|markdown|html|ocsf")
]
OutputsOption = Annotated[
    list[str] | None, typer.Option("--output", metavar="[FORMAT=]FILE", help="write to a file; repeatable")
]
SandboxOption = Annotated[bool, typer.Option("--sandbox", help="use the embedded stand-ins")]
