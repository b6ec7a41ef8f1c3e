"""A report document in the format that was asked for, to where it was asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from harness_cli.core.errors import UsageError
from harness_cli.render.console import write_document
from harness_cli.review.report_document import Document

Renderer = Callable[[Document], str]


def _text(document: Document) -> str:
    from harness_cli.render.report_text import render_text

    return render_text(document)


def _json(document: Document) -> str:
    import json

    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _sarif(document: Document) -> str:
    from harness_cli.render.report_sarif import render_sarif

    return render_sarif(document)


def _markdown(document: Document) -> str:
    from harness_cli.render.report_markdown import render_markdown

    return render_markdown(document)


def _html(document: Document) -> str:
    from harness_cli.render.report_html import render_html

    return render_html(document)


def _ocsf(document: Document) -> str:
    from harness_cli.render.report_ocsf import render_ocsf

    return render_ocsf(document)


RENDERERS: Mapping[str, Renderer] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "markdown": _markdown,
    "html": _html,
    "ocsf": _ocsf,
}


def check_formats(format: str, outputs: Sequence[str], known: Collection[str] = RENDERERS) -> None:
    """Refuse an unknown format before anything is done. Raises UsageError."""
    for name in (format, *(_split(output, format)[0] for output in outputs)):
        if name not in known:
            raise UsageError(f"no format {name!a:.20}", help=f"one of {', '.join(known)}")


def deliver(document: Document, format: str, outputs: Sequence[str]) -> None:
    """Write a report to stdout, or to each FILE or FORMAT=FILE. Raises UsageError."""
    check_formats(format, outputs)
    write_as(lambda name: RENDERERS[name](document), format, outputs)


def write_as(render: Callable[[str], str], format: str, outputs: Sequence[str]) -> None:
    """Write what `render` makes of a format to stdout, or to each FILE or FORMAT=FILE. Raises UsageError."""
    if not outputs:
        write_document(render(format))
    for output in outputs:
        name, path = _split(output, format)
        write_document(render(name), path)


def _split(output: str, format: str) -> tuple[str, Path]:
    name, separator, path = output.partition("=")
    if separator and name.isalpha():
        return name, Path(path)
    return format, Path(output)
