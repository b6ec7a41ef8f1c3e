"""H006: a key that the schema does not know. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H006",
    severity=Severity.ERROR,
    title="unknown key",
    why="A misspelled key would silently leave its default in place: a gate that is not there, a scope that does not "
    "count. Child keys at the top level mean that the indentation was lost, as on pages that drop spaces.",
    mend="write the key as the schema has it",
)
