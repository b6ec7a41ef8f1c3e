"""H011: nobody can be proven. Found by the loader."""

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Rule

RULE = Rule(
    code="H011",
    severity=Severity.ERROR,
    title="identity_binding unknown or none",
    why="Without a known binding the requester is whoever says so.",
    mend="write one of sso-scim, sso, ci-oidc, local",
)
