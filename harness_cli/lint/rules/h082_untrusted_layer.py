"""H082: a policy file that cannot be trusted. Found by the loader, and by `run` in a job for a pull request."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H082",
    severity=Severity.ERROR,
    title="`extends` without sha256, changed, or outside the repository; a policy that a pull request brings",
    why="A layer that can be changed by somebody else, or swapped by a link, changes what this file allows without a "
    "review. So does a pull request that changes the policy under which it is reviewed.",
    mend="copy the layer into the repository and name it with its SHA-256; in a job for a pull request run with "
    "--config from a checkout of its base",
)
