"""One pass over one file: syntax, layout, shape, meaning, layers. Lint and runtime both go through here.

An error does not end the pass: what is valid goes on into a configuration that the rules of the linter can look at.
Whether that configuration may be used is decided by whoever asked: `load_config` refuses it where there is an error.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from harness_cli.config.build import build_config
from harness_cli.config.document import Document, Mapping
from harness_cli.config.layers import LayerReader
from harness_cli.config.layout import mend_layout
from harness_cli.config.meaning import judge_meaning
from harness_cli.config.model import Config, KeyPath, Layer
from harness_cli.config.schema import schema
from harness_cli.config.secret_forms import without_secrets
from harness_cli.config.shape import Shape
from harness_cli.core.diagnostic import Diagnostic, Severity, in_source_order


@dataclass(frozen=True, slots=True)
class Understood:
    """What one file means, as far as it can be understood."""

    document: Document
    config: Config | None
    diagnostics: tuple[Diagnostic, ...]
    broken: frozenset[KeyPath] = frozenset()
    layers: tuple[Document, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """Path to text of the file and its layers, for messages with carets."""
        return {d.path: d.text for d in (self.document, *self.layers)}


def understand(document: Document, path: Path) -> Understood:
    """The meaning of a document; `path` is where it lies, which relative paths start from."""
    if document.root is None:
        return Understood(document, None, document.diagnostics)
    layout = mend_layout(document)
    if layout.is_hopeless:
        rest = tuple(d for d in document.diagnostics if d.code != "H002")
        return Understood(document, None, tuple(in_source_order([*rest, *layout.diagnostics])))
    document = layout.document
    if not isinstance(document.root, Mapping):
        found = Diagnostic("H007", Severity.ERROR, "the file must be a mapping", document.path, document.start)
        return Understood(document, None, (*document.diagnostics, found))
    return _meaning(document, document.root, path, [*document.diagnostics, *layout.diagnostics])


def _meaning(document: Document, root: Mapping, path: Path, found: list[Diagnostic]) -> Understood:
    shape = Shape(document)
    data = shape.check(root, schema(), ())
    found += shape.diagnostics
    found += judge_meaning(document, data, frozenset(shape.broken))
    reader = LayerReader(document, path.parent, found, [])
    layers = [reader.read(index, reference) for index, reference in enumerate(data.get("extends", ()))]
    config = build_config(path, document, data, tuple(x for x in layers if isinstance(x, Layer)))
    broken = frozenset(shape.broken)
    return Understood(document, config, tuple(in_source_order(without_secrets(found))), broken, tuple(reader.documents))


def under_strict(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The same findings, every warning an error."""
    return tuple(replace(d, severity=Severity.ERROR) if d.severity is Severity.WARNING else d for d in diagnostics)
