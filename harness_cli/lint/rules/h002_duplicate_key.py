"""H002: a key stands twice. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H002",
    severity=Severity.ERROR,
    title="duplicate key",
    why="YAML readers differ on which one counts, so the file says two things.",
    mend="keep one of them",
)
