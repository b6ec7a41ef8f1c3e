"""A place in a file and what is wrong there."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range in a text file; lines and columns count from 1, the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`: one safe fix."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one place of one file; `label` stands behind the carets."""

    code: str
    severity: Severity
    message: str
    path: str
    span: Span
    help: str = ""
    label: str = ""
    edits: tuple[Edit, ...] = ()

    @property
    def fixable(self) -> bool:
        """Whether a safe fix is known."""
        return bool(self.edits)

    @property
    def place(self) -> str:
        """`file:line:column`, as editors understand it."""
        return f"{self.path}:{self.span.line}:{self.span.column}"


def in_source_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file, place and code, so that no hash seed changes the output."""
    return sorted(diagnostics, key=lambda d: (d.path, d.span, d.code, d.message))
