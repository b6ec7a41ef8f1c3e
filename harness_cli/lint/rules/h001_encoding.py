"""H001: characters that nobody can see. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H001",
    severity=Severity.ERROR,
    title="not plain UTF-8 text",
    why="A byte order mark, a control, bidirectional or zero-width character makes a file read differently for people"
    " and programs: a group name with a hidden character is another group.",
    mend="save the file as UTF-8 without a byte order mark and delete the character",
)
