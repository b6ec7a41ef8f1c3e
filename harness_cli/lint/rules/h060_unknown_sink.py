"""H060: a sink that does not exist. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H060",
    severity=Severity.ERROR,
    title="unknown audit sink",
    why="A trail that is sent to a sink that nobody knows is sent nowhere.",
    mend="write one of file, siem-cloudwatch, siem-syslog, siem-splunk, siem-otlp, siem-http",
)
