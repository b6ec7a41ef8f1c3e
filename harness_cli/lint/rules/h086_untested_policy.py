"""H086: a policy that no test exercises. Found by `validate-config --tests`, which runs them."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H086",
    severity=Severity.INFO,
    title="no policy tests, or a rule that no test exercises",
    why="A test of the policy says what must be allowed and what must not; a line that no test touches can be changed"
    " unnoticed.",
    mend="add a case to the policy tests (`harness init` writes a first file)",
)
