"""H082: a layer that cannot be trusted. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H082",
    severity=Severity.ERROR,
    title="`extends` without sha256, changed, or outside the repository",
    why="A layer that can be changed by somebody else, or swapped by a link, changes what this file allows without a "
    "review.",
    mend="copy the layer into the repository and name it with its SHA-256",
)
