"""H003: anchors, aliases, merge keys. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H003",
    severity=Severity.ERROR,
    title="anchor, alias or merge key",
    why="A value that stands somewhere else hides what is allowed here: a merge key can take an approval away, and "
    "nested aliases grow without bound.",
    mend="write the values out",
)
