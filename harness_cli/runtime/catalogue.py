"""The one closed list of operations, from the tables of all systems."""

from functools import lru_cache

from harness_cli.policy.operations import Catalogue


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Every declared operation."""
    from harness_cli.policy.catalogue import aws, github, jira, slack

    return Catalogue(jira.OPERATIONS, github.OPERATIONS, aws.OPERATIONS, slack.OPERATIONS)
