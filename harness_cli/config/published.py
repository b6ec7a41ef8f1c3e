"""The published tool names, and the system that each speaks to; other names need `connector:` (policy.md §6)."""

from typing import Final

from harness_cli.config.model import System

PUBLISHED: Final = {
    "jira_reader": System.JIRA,
    "jira_ticket_reader": System.JIRA,
    "github_inspector": System.GITHUB,
    "github_pr_inspector": System.GITHUB,
    "aws_metadata": System.AWS,
    "aws_metadata_query": System.AWS,
    "slack_notifier": System.SLACK,
    "slack_risk_notifier": System.SLACK,
}
