"""The one closed list of operations, from the tables of all systems."""

from functools import lru_cache

from harness_cli.policy.operations import Catalogue


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Every declared operation."""
    from harness_cli.policy.catalogue.aws import OPERATIONS as AWS
    from harness_cli.policy.catalogue.github import OPERATIONS as GITHUB
    from harness_cli.policy.catalogue.jira import OPERATIONS as JIRA
    from harness_cli.policy.catalogue.slack import OPERATIONS as SLACK

    return Catalogue(JIRA, GITHUB, AWS, SLACK)
