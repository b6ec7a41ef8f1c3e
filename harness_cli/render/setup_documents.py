"""What an administrator pastes to let the harness in, made from the closed lists of operations: nothing wider."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, assert_never

from harness_cli.core.canonical import Json


class Setup(StrEnum):
    """The systems that need something set up."""

    AWS = "aws"
    GITHUB = "github"
    JIRA = "jira"
    SLACK = "slack"


ROLE_NAME: Final = "harness-read-only"
_ON_REQUEST_ONLY: Final = frozenset({"iam:GenerateCredentialReport"})  # review.generate_credential_report


def setup_document(setup: Setup, account: str = "") -> str:
    """The text for one system; `account` is the AWS account whose people may use the role."""
    match setup:
        case Setup.AWS:
            return _aws(account or "<12 DIGITS OF THE ACCOUNT OF YOUR PEOPLE>")
        case Setup.GITHUB:
            return _github()
        case Setup.JIRA:
            return _JIRA
        case Setup.SLACK:
            return _slack()
        case _:
            assert_never(setup)


def _aws(account: str) -> str:
    from harness_cli.policy.catalogue.aws_table import CALLS

    asked = {call.permission for call in CALLS.values()}
    actions = sorted(action for action in asked - _ON_REQUEST_ONLY if action != "sts:GetCallerIdentity")
    policy: Mapping[str, Json] = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "HarnessReadsMetadata", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    }
    trust: Mapping[str, Json] = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "HarnessRuns",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                "Condition": {"StringLike": {"sts:SourceIdentity": "*"}},
            }
        ],
    }
    return (
        f"# AWS: an IAM role named {ROLE_NAME} in every account in scope, with these two documents.\n"
        "# Metadata only: no contents of objects, logs, secrets or functions. Each run narrows it further.\n"
        "# Then: connections: {aws: {credential: {assume_role: "
        f'"arn:aws:iam::{{account}}:role/{ROLE_NAME}"}}}}}}\n\n'
        f"# Trust policy\n{_pretty(trust)}\n\n# Permissions policy\n{_pretty(policy)}\n"
    )


def _github() -> str:
    manifest: Mapping[str, Json] = {
        "name": "harness-review",
        "url": "https://github.com/harness-review/harness",
        "public": False,
        "hook_attributes": {"url": "https://example.com/unused", "active": False},
        "default_events": [],
        "default_permissions": {
            "metadata": "read",
            "contents": "read",
            "pull_requests": "read",
            "checks": "read",
            "statuses": "read",
            "actions": "read",
            "deployments": "read",
            "security_events": "read",
            "members": "read",
        },
    }
    return (
        "# GitHub: an App from this manifest (Settings > Developer settings > GitHub Apps), reading only.\n"
        "# `administration: read` beside it lets a review read classic branch protection too.\n"
        "# Install it on the repositories in scope, keep its private key outside of the repository, then:\n"
        "# connections: {github: {credential: {github_app:\n"
        "#   {app_id: …, installation_id: …, private_key: {file: …}}}}}\n\n"
        f"{_pretty(manifest)}\n"
    )


_JIRA: Final = """\
# Jira Cloud: a service account (admin.atlassian.com > Directory > Service accounts) with OAuth 2.0 credentials and
# these scopes, and no others:
read:jira-work
read:jira-user
# If approvals are given in Jira (approvals.channels), one more:
#   write:jira-work
# Let it browse the projects in scope only. Then:
# connections: {jira: {credential: {oauth_client:
#   {client_id: …, client_secret: {env: JIRA_CLIENT_SECRET}, cloud_id: …}}}}
#
# Jira Data Center: a user with Browse Projects in those projects, and a personal access token that expires. Then:
# connections: {jira: {credential: {env: JIRA_TOKEN}}}
"""


def _slack() -> str:
    lines = [
        "# Slack: an app from this manifest (api.slack.com/apps > Create New App > From a manifest).",
        "# Invite it to the one channel that is told. For approvals in Slack add the bot scope channels:history.",
        "display_information:",
        "  name: harness-review",
        "  description: tells the risk of infrastructure changes",
        "features:",
        "  bot_user:",
        "    display_name: harness-review",
        "    always_online: false",
        "oauth_config:",
        "  scopes:",
        "    bot:",
        "      - chat:write",
        "      - channels:read",
        "settings:",
        "  org_deploy_enabled: false",
        "  socket_mode_enabled: false",
        "  token_rotation_enabled: true",
    ]
    return "\n".join(lines) + "\n"


def _pretty(document: Mapping[str, Json]) -> str:
    return json.dumps(document, indent=2)
