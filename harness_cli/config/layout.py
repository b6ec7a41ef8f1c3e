"""Lost indentation: pages that drop the spaces at the start of lines are where people copy configurations from.

PyYAML loads such a file without a word: `runtime` is nothing and `version` a key of the top level (policy-cases LD01).
"""

from dataclasses import dataclass, replace

from harness_cli.config.document import Document, Entry, Mapping, Scalar
from harness_cli.config.schema import homes, schema
from harness_cli.core.diagnostic import Diagnostic, Severity, Span

_HELP = "indent what belongs to a section by two spaces; some pages drop the spaces at the start of copied lines"


@dataclass(frozen=True, slots=True)
class Layout:
    """What lost indentation does to a file: `document` is mended as far as one level goes, for further checks."""

    document: Document
    diagnostics: tuple[Diagnostic, ...] = ()
    is_hopeless: bool = False


def mend_layout(document: Document) -> Layout:
    """A document with the keys of one empty section put back under it; hopeless where all indentation is gone."""
    root = document.root
    if not isinstance(root, Mapping):
        return Layout(document)
    hollow = [e.key.raw for e in root.entries if _is_hollow(e)]
    lost = [e for e in root.entries if _home(e, hollow)]
    if not lost:
        return Layout(document)
    first = lost[0]
    section = _home(first, hollow)
    if len({_home(e, hollow) for e in lost}) > 1 or any(d.code == "H002" for d in document.diagnostics):
        message = f"indentation seems lost: {len(lost)} keys stand at the top level that belong under a section"
        label = f"`{first.key.raw}` belongs under `{section}`"
        found = Diagnostic("H006", Severity.ERROR, message, document.path, first.key.span, _HELP, label)
        return Layout(document, (found,), is_hopeless=True)
    misplaced = tuple(_misplaced(document.path, entry, section) for entry in lost)
    return Layout(replace(document, root=_moved(root, section, lost)), misplaced)


def _is_hollow(entry: Entry) -> bool:
    known = schema()["properties"]
    return entry.key.raw in known and isinstance(entry.value, Scalar) and entry.value.value is None


def _home(entry: Entry, hollow: list[str]) -> str:
    """The empty section that a key of the top level belongs under; empty where it may stand there."""
    if entry.key.raw in schema()["properties"]:
        return ""
    return next((s for s in homes().get(entry.key.raw, ()) if s in hollow), "")


def _misplaced(path: str, entry: Entry, section: str) -> Diagnostic:
    message = f"unknown key `{entry.key.raw}` at the top level: indentation seems lost"
    return Diagnostic("H006", Severity.ERROR, message, path, entry.key.span, _HELP, f"belongs under `{section}`")


def _moved(root: Mapping, section: str, lost: list[Entry]) -> Mapping:
    span: Span = lost[0].key.span
    below = Mapping(tuple(lost), span)
    kept = (e for e in root.entries if e not in lost)
    return replace(root, entries=tuple(replace(e, value=below) if e.key.raw == section else e for e in kept))
