"""What came of checking one file, and of checking several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness_cli.core.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file and its findings; `sources` is the text of the file and of the layers that it extends."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many findings of one severity."""
        return sum(d.severity is severity for d in self.diagnostics)


def total(outcomes: Sequence[FileOutcome], severity: Severity) -> int:
    """How many findings of one severity in all files."""
    return sum(outcome.count(severity) for outcome in outcomes)


def is_refused(outcomes: Sequence[FileOutcome], *, strict: bool) -> bool:
    """Whether any file has an error, or a warning under `strict`."""
    return bool(total(outcomes, Severity.ERROR) or (strict and total(outcomes, Severity.WARNING)))


def summary(outcomes: Sequence[FileOutcome]) -> str:
    """One line for people: what was found in how many files."""
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
    counts = [(total(outcomes, severity), word) for severity, word in words.items()]
    found = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)
    files = "1 file" if len(outcomes) == 1 else f"{len(outcomes)} files"
    return f"{found or 'no findings'} in {files}"
