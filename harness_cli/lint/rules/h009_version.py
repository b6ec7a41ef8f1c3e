"""H009: a form of the file that this program does not know. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H009",
    severity=Severity.ERROR,
    title="unsupported `runtime.version`, or more than one document",
    why="Reading a file of another version by the rules of this one would guess what it allows.",
    mend='write `version: "1.0"`, one document a file',
)
