"""H004: tags and directives. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H004",
    severity=Severity.ERROR,
    title="tag or directive",
    why="A tag changes the type of a value, in some programs it runs code. Types come from the schema alone.",
    mend="delete the tag",
)
