"""H074: no answer means anything but no. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H074",
    severity=Severity.ERROR,
    title="on_timeout other than deny",
    why="When nobody answers, nobody has approved. That cannot be configured away.",
    mend="write `on_timeout: deny`, or delete the key",
)
