"""Configurations as values, for tests that need no file."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from harness_cli.config.model import (
    Action,
    Approvals,
    Approvers,
    Audit,
    Config,
    EnvRef,
    Gate,
    Identity,
    IdentityBinding,
    PolicyEngine,
    Runtime,
    Scim,
    System,
    Tool,
)
from tests.simulators.issuer import CLIENT, ISSUER


def config(binding: IdentityBinding = IdentityBinding.SSO_SCIM, **changes) -> Config:
    """A small whole configuration; `changes` replace sections."""
    made = Config(
        path=Path("/project/agent-harness-config.yaml"),
        sha256="0" * 64,
        runtime=Runtime("1.0", binding, timedelta(minutes=15), agent_id="infra-review"),
        policy_engine=PolicyEngine(
            approval_required_for=(Action.WRITE, Action.EXECUTE),
            restricted_data_classes=("confidential", "pii", "financial"),
            environment_gates={
                "prod": Gate(True, ("read_only_scanners", "risk_notifiers")),
                "dev": Gate(False, ("read_only_scanners", "risk_notifiers")),
            },
        ),
        audit=Audit("structured-json", ("traceId",), "file", 2557),
        tools={
            "jira_reader": Tool("jira_reader", System.JIRA, (Action.READ,), "internal", ({"project-key": ("SEC-*",)},)),
            "slack_notifier": Tool(
                "slack_notifier", System.SLACK, (Action.WRITE,), "internal", ({"channel": ("C0123456789",)},), True
            ),
        },
        tool_groups={"read_only_scanners": ("jira_reader",), "risk_notifiers": ("slack_notifier",)},
        identity=Identity(
            issuer=ISSUER,
            client_id=CLIENT,
            scim=Scim(f"{ISSUER}/scim/v2", EnvRef("HARNESS_SCIM_TOKEN")),
            roles={"infra-reviewers": "engineer", "security-admins": "security-admin"},
        ),
        approvals=Approvals(approvers=Approvers(group="infra-approvers")),
    )
    return replace(made, **changes)
