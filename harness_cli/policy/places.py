"""Where the lines of a configuration stand, for decisions that name theirs."""

from dataclasses import dataclass

from harness_cli.config.model import KeyPath, Positions
from harness_cli.policy.model import Rule


@dataclass(frozen=True, slots=True)
class Places:
    """Where the lines of one file stand."""

    file: str
    positions: Positions
    layer: str = ""

    def rule(self, *keys: str | int) -> Rule:
        """The rule at a key path; its place is the nearest line that the file has."""
        path = ".".join(str(k) if isinstance(k, str) else f"[{k}]" for k in keys).replace(".[", "[")
        for end in range(len(keys), -1, -1):
            span = self.positions.get(keys[:end])
            if span is not None:
                return Rule(path, self.file, span.line, span.column, self.layer)
        return Rule(path, self.file, 1, 1, self.layer)

    def has(self, path: KeyPath) -> bool:
        """Whether the file has a value there."""
        return path in self.positions
