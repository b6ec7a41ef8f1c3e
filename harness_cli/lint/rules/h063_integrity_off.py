"""H063: integrity or redaction switched off. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H063",
    severity=Severity.ERROR,
    title="integrity or redaction off",
    why="A trail that can be changed unnoticed proves nothing; a trail without redaction collects the secrets that it"
    " should protect.",
    mend="delete the key: both are always on",
)
