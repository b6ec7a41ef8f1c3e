"""H010: the known misspelling of a binding. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H010",
    severity=Severity.WARNING,
    title="`ssso-scim` is written for `sso-scim`",
    why="The published template has this misspelling. It is the only one that is read as what was meant.",
    mend="write `sso-scim`",
    fixes=True,
)
