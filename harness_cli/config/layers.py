"""`extends`: layer files, named with their SHA-256, read from inside the same repository (H082)."""

from dataclasses import dataclass
from pathlib import Path

from harness_cli.config.build import positions_of
from harness_cli.config.build_connections import Data
from harness_cli.config.build_policy import build_partial
from harness_cli.config.document import Document, Mapping
from harness_cli.config.meaning import judge_meaning
from harness_cli.config.model import Layer
from harness_cli.config.read import read_document
from harness_cli.config.schema import layer_schema
from harness_cli.config.shape import DROPPED, Shape
from harness_cli.core.diagnostic import Diagnostic, Severity, Span
from harness_cli.core.errors import ConfigError


@dataclass(slots=True)
class LayerReader:
    """Reads the layers of one configuration; what is wrong grows in `diagnostics`."""

    document: Document
    folder: Path
    diagnostics: list[Diagnostic]
    documents: list[Document]

    def read(self, index: int, reference: Data) -> Layer | None:
        """One layer, None where it cannot be trusted."""
        if "file" not in reference or "sha256" not in reference:
            return None
        span = self.document.value_span("extends", index, "file")
        path = self.folder / reference["file"]
        if not _is_inside(path, repository_of(self.folder)):
            self._error(f"layer `{reference['file']}` lies outside the repository", span, "copy it into the repository")
            return None
        try:
            layer = read_document(path, name=str(Path(self.document.path).parent / reference["file"]))
        except ConfigError as err:
            self._error(f"layer cannot be read: {err.message}", span, "a layer that is named must be there")
            return None
        if layer.sha256 != reference["sha256"]:
            at = self.document.value_span("extends", index, "sha256")
            self._error(f"layer `{reference['file']}` has changed", at, f"its SHA-256 is {layer.sha256}")
            return None
        return self._understood(layer, reference["file"])

    def _understood(self, layer: Document, name: str) -> Layer | None:
        self.documents.append(layer)
        self.diagnostics += layer.diagnostics
        if not isinstance(layer.root, Mapping):
            if not layer.diagnostics:
                self.diagnostics.append(_not_a_mapping(layer))
            return None
        shape = Shape(layer)
        data = shape.check(layer.root, layer_schema(), ())
        self.diagnostics += shape.diagnostics
        self.diagnostics += judge_meaning(layer, data, frozenset(shape.broken))
        if data is DROPPED or shape.diagnostics:
            return None
        return Layer(name, layer.sha256, build_partial(data, positions_of(layer)))

    def _error(self, message: str, span: Span, help: str) -> None:
        self.diagnostics.append(Diagnostic("H082", Severity.ERROR, message, self.document.path, span, help))


def repository_of(folder: Path) -> Path:
    """The top of the repository around a folder; the folder itself where there is none."""
    folder = folder.resolve()
    return next((p for p in (folder, *folder.parents) if (p / ".git").exists()), folder)


def _is_inside(path: Path, top: Path) -> bool:
    return path.resolve().is_relative_to(top)


def _not_a_mapping(layer: Document) -> Diagnostic:
    return Diagnostic("H007", Severity.ERROR, "a layer must be a mapping", layer.path, layer.start)
