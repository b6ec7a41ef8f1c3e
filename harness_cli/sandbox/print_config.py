"""A working configuration for running stand-ins: every extension in use, every credential by reference."""

from typing import Any

from harness_cli.sandbox import addresses as names
from harness_cli.sandbox.addresses import SandboxAddresses
from harness_cli.sandbox.model import Estate

HEADER = "# Written by the sandbox: every address is a stand-in on this machine, every person is made up.\n"
_NO_SINK = '  # harness: ignore[H064] reason="a stand-in has no SIEM"\n'
Section = dict[str, Any]  # Any: YAML


def working_configuration(addresses: SandboxAddresses, estate: Estate) -> str:
    """The text of a configuration under which a run reaches these stand-ins, and nothing else."""
    import yaml

    text = yaml.safe_dump(_document(addresses, estate), sort_keys=False, width=120)
    return HEADER + text.replace("  sink: file\n", f"{_NO_SINK}  sink: file\n", 1)


def _document(at: SandboxAddresses, estate: Estate) -> Section:
    channel = next(iter(estate.slack.channels))
    return {
        "runtime": {
            "version": "1.0",
            "identity_binding": "sso-scim",
            "credential_rotation": "ephemeral-15m",
            "agent_id": "infra-review",
        },
        "identity": _identity(at, estate),
        "connections": _connections(at, estate, channel),
        "accounts": dict(estate.aws.accounts),
        "roles": {
            "engineer": {
                "clearance": ["public", "internal", "restricted"],
                "environments": ["dev", "staging", "prod"],
            },
            "security-admin": {
                "clearance": ["public", "internal", "restricted", "confidential", "pii", "financial"],
                "environments": ["staging", "prod"],
            },
        },
        "tool_groups": {
            "read_only_scanners": ["jira_reader", "github_inspector", "aws_metadata"],
            "risk_notifiers": ["slack_notifier"],
        },
        "policy_engine": _policy(),
        "approvals": {
            "approvers": {"group": "infra-approvers", "quorum": 1},
            "channels": ["cli", "slack", "jira"],
            "approve_within": "4h",
            "execute_within": "30m",
            "min_assurance": {"prod": "high", "staging": "medium", "dev": "medium"},
            "escalate_to": "security-admins",
        },
        "limits": {"max_calls": 2000, "max_duration": "15m"},
        "review": _review(estate),
        "audit": {
            "format": "structured-json",
            "fields": ["traceId", "timestamp", "agentId", "action", "tool", "dataClass", "approvalStatus", "outcome"],
            "sink": "file",
            "retention_days": 2557,
        },
        "tools": {
            "jira_reader": {"actions": ["read"], "classification": "internal", "scope": "project-key:SEC-*"},
            "github_inspector": {
                "actions": ["read"],
                "classification": "internal",
                "scope": f"repo:{estate.github.organisation}/infra-*",
            },
            "aws_metadata": {
                "actions": ["read"],
                "classification": "restricted",
                "scope": _places(estate),
            },
            "slack_notifier": {
                "actions": ["write"],
                "classification": "internal",
                "scope": f"channel:{channel}",
                "requires_approval": True,
            },
        },
    }


def _places(estate: Estate) -> list[str]:
    regions = dict.fromkeys([estate.aws.region, *(call.region for call in estate.aws.calls if call.region)])
    return [
        f"account:{account},region:{region}"
        for account in estate.aws.accounts.values()
        for region in [*regions, "aws-global"]
    ]


def _file(at: SandboxAddresses, name: str) -> Section:
    return {"file": str(at.secret_file(name))}


def _identity(at: SandboxAddresses, estate: Estate) -> Section:
    people = [
        {"id": p.id, "jira": p.jira, "github": p.github, "slack": p.slack}
        for p in estate.people.values()
        if not p.github.endswith("[bot]")  # an estate may have bots that review; they are no people
    ]
    return {
        "issuer": at.issuer,
        "client_id": at.client_id,
        "groups_claim": "groups",
        "username_claim": "preferred_username",
        "scim": {"url": at.scim, "credential": _file(at, names.SCIM_TOKEN)},
        "roles": {"infra-reviewers": "engineer", "security-admins": "security-admin"},
        "people": people,
    }


def _connections(at: SandboxAddresses, estate: Estate, channel: str) -> Section:
    jira, app, slack = estate.jira, estate.github.app, estate.slack
    oauth = {
        "client_id": jira.client_id,
        "client_secret": _file(at, names.JIRA_SECRET),
        "cloud_id": jira.cloud_id,
        "token_url": f"{at.jira}/oauth/token",
    }
    installation = {"app_id": app.id, "installation_id": app.installation, "private_key": _file(at, names.PEM)}
    rotation = {
        "client_id": slack.client_id,
        "client_secret": _file(at, names.SLACK_SECRET),
        "refresh_token": _file(at, names.SLACK_REFRESH),
    }
    return {
        "jira": {
            "url": at.jira,
            "credential": {"oauth_client": oauth},
            "fields": dict(jira.fields),
            "approved_statuses": ["Approved", "Scheduled"],
            "deployment": "cloud",
        },
        "github": {"url": at.github, "credential": {"github_app": installation}},
        "aws": {
            "credential": {"assume_role": at.role},
            "credentials_file": str(at.secret_file(names.AWS_CREDENTIALS)),
            "endpoint_url": at.aws,
        },
        "slack": {"url": at.slack, "credential": {"slack_rotation": rotation}, "channel": channel},
    }


def _policy() -> Section:
    scanners, notifiers = ["read_only_scanners"], ["risk_notifiers"]
    return {
        "approval_required_for": ["write", "execute"],
        "restricted_data_classes": ["confidential", "pii", "financial"],
        "static_credentials": "dev_only",
        "environment_gates": {
            "prod": {"requires_human_approval": True, "allowed_tools": scanners + notifiers},
            "staging": {"requires_human_approval": True, "allowed_tools": scanners},
            "dev": {"requires_human_approval": False, "allowed_tools": scanners + notifiers},
        },
    }


def _review(estate: Estate) -> Section:
    return {
        "fail_on": "high",
        "notify": False,
        "required_approvals": {"prod": 2, "staging": 1, "dev": 1},
        "scan_checks": {
            "sast": ["CodeQL"],
            "sca": ["dependency-review"],
            "iac": ["checkov", "conftest"],
            "secrets": ["gitleaks"],
        },
        "environments": {
            "prod": {"paths": ["envs/prod/**"], "accounts": ["999988887777"]},
            "staging": {"paths": ["envs/staging/**"]},
            "dev": {"paths": ["envs/dev/**"], "accounts": list(estate.aws.accounts.values())},
        },
    }
