"""H087: a policy test that fails. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H087",
    severity=Severity.ERROR,
    title="policy test fails",
    why="A test of the policy says what its author wants; the file says something else. Found with `validate-config "
    "--tests`.",
    mend="change the policy, or the test",
)
