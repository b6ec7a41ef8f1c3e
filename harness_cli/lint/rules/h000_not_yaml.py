"""H000: the file is not YAML. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H000",
    severity=Severity.ERROR,
    title="not YAML",
    why="A bracket or quote is never closed, a tab stands in the indentation, or the file is empty. Nothing else can "
    "be said about such a file.",
    mend="close what is open, use spaces, put quotes around values that contain `: ` or start with a sign",
)
