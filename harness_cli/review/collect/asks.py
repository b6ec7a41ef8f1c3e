"""Reads about one repository, several at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import System
from harness_cli.review.evidence import Fact
from harness_cli.review.reader import Ask, Reader


@dataclass(frozen=True, slots=True)
class Asks:
    """The reader, bound to one repository."""

    reader: Reader
    repo: str

    def together(self, *wanted: tuple[str, Mapping[str, Any]]) -> tuple[Fact[Any], ...]:  # Any: declared results
        """Answers to (operation, parameters), side by side, in their order. Raises AuditError only."""
        asks = [Ask(System.GITHUB, f"github:{verb}", {"repo": self.repo, **params}) for verb, params in wanted]
        return self.reader.read_all(asks)
