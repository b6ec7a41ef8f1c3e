"""Which files are checked, and the check of each: files, folders, standard input."""

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from harness_cli.config.document import Document, Mapping
from harness_cli.config.read import parse_document, read_document
from harness_cli.config.schema import schema
from harness_cli.config.understand import Understood, understand
from harness_cli.core.errors import ConfigError, UsageError
from harness_cli.lint.fix import apply_edits, edits_of, replace_text, unified_diff
from harness_cli.lint.outcome import FileOutcome
from harness_cli.lint.run import lint

STANDARD_INPUT: Final = "-"
_SUFFIXES: Final = (".yaml", ".yml")
_NOT_SEARCHED: Final = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


def documents(paths: Sequence[Path], standard_input: bytes) -> Iterator[tuple[Path, Document]]:
    """Every configuration that some paths name, once each, in a stable order.

    Folders are searched for YAML files; those that are understood to be something else are passed over.

    Raises: ConfigError, UsageError for a path that is not there.
    """
    seen = set()
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield Path("stdin"), parse_document(standard_input, "<stdin>")
            continue
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder", help="name a configuration or a folder with some")
        found = _in_folder(path) if path.is_dir() else iter([(path, read_document(path))])
        for file, document in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, document


def _in_folder(folder: Path) -> Iterator[tuple[Path, Document]]:
    found = [(path, _read(path)) for path in _yaml_files(folder)]
    layers = {path.parent.joinpath(name).resolve() for path, doc in found for name in _layer_names(doc)}
    for path, document in found:
        if path.resolve() not in layers and not _is_foreign(document):
            yield path, document


def _read(path: Path) -> Document:
    try:
        return read_document(path)
    except ConfigError as err:
        raise UsageError(err.message) from err


def _yaml_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _NOT_SEARCHED)
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(_SUFFIXES))


def _is_foreign(document: Document) -> bool:
    """Whether a file is YAML of another kind: nothing in it is a section of ours."""
    if document.diagnostics or not isinstance(document.root, Mapping):
        return not document.diagnostics and document.root is not None
    keys = {entry.key.raw for entry in document.root.entries}
    return not keys & schema()["properties"].keys()


def _layer_names(document: Document) -> Iterator[str]:
    extends = document.node("extends")
    for index in range(len(getattr(extends, "items", ()))):
        name = getattr(document.node("extends", index, "file"), "value", None)
        if isinstance(name, str):
            yield name


def check(path: Path, document: Document, today: date) -> FileOutcome:
    """The findings about one configuration."""
    return outcome_of(understand(document, path), today)


def outcome_of(understood: Understood, today: date) -> FileOutcome:
    """The findings about one understood file."""
    return FileOutcome(understood.document.path, lint(understood, today), understood.sources)


def fix(path: Path, document: Document, today: date, *, write: bool) -> tuple[FileOutcome, str]:
    """What is left after all safe fixes, and the difference that they make; nothing is written unless `write`."""
    first = check(path, document, today)
    mended = apply_edits(document.text, edits_of(first.diagnostics, document.path))
    if mended == document.text:
        return first, ""
    if write:
        replace_text(path, mended)
    after = check(path, parse_document(mended.encode(), document.path), today)
    return (after if write else first), unified_diff(document.path, document.text, mended)
