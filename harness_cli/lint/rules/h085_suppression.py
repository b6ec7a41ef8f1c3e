"""H085: a suppression that is expired, unused, without a reason, or meant for an error. Found by `lint.suppress`."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H085",
    severity=Severity.WARNING,
    title="expired, unused or malformed suppression",
    why="A suppression says who accepts a finding and why. One that has run out, that matches nothing, or that has no"
    " reason accepts what nobody has looked at. Errors cannot be suppressed: a run would refuse the file all the "
    "same.",
    mend="delete the comment, or renew its reason and day",
)
