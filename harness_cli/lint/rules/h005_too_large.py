"""H005: a file beyond the limits. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H005",
    severity=Severity.ERROR,
    title="over 256 KiB, 32 levels or 20,000 values",
    why="A configuration that is larger than this is a mistake or an attack.",
    mend="split it into layers, or generate less",
)
