"""H007: a value of the wrong type or form, or a missing key. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H007",
    severity=Severity.ERROR,
    title="wrong type, wrong form or missing key",
    why='`yes` and `on` are text in YAML 1.2, `"true"` is text, `1.0` is a number: nothing is guessed or converted.',
    mend="write the value as the message says",
)
