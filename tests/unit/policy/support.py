"""Configurations and requests, built in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness_cli.config.model import (
    Action,
    Approvals,
    Audit,
    Config,
    Gate,
    IdentityBinding,
    Layer,
    PartialPolicy,
    PolicyEngine,
    Runtime,
    System,
    Tool,
)
from harness_cli.core.principal import Principal
from harness_cli.policy.capabilities import RESOURCE_TYPES
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.model import Context, Grain, Request, Resource
from harness_cli.policy.tables import Policy

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
ANY = "test:Any"
OPERATIONS: Mapping[System, frozenset[str]] = {system: frozenset({ANY}) for system in System}

RUNTIME = Runtime("1.0", IdentityBinding.SSO_SCIM, timedelta(minutes=15))
AUDIT = Audit("structured-json", ("traceId",), "file", 2557)
READ, WRITE, EXECUTE = Action.READ, Action.WRITE, Action.EXECUTE
GATES = {
    "prod": Gate(True, ("read_only_scanners", "audit_loggers")),
    "dev": Gate(False, ("read_only_scanners", "audit_loggers", "sandbox_writers")),
}
ENGINE = PolicyEngine((WRITE, EXECUTE), ("confidential", "pii", "financial"), GATES)


def tool(name: str, system: System, *scopes: Mapping[str, tuple[str, ...]], **changes: Any) -> Tool:
    values: dict[str, Any] = {"actions": (READ,), "classification": "internal", "scopes": scopes} | changes
    return Tool(name, system, **values)


JIRA = tool("jira_reader", System.JIRA, {"project-key": ("SEC-*",)})
GITHUB = tool("github_inspector", System.GITHUB, {"repo": ("org/infra-*",)})
AWS = tool("aws_metadata", System.AWS, {"account": ("dev-env",), "region": ("us-east-1",)}, classification="restricted")
SLACK = tool("slack_notifier", System.SLACK, actions=(WRITE,), requires_approval=True)
SEED_TOOLS = {one.name: one for one in (JIRA, GITHUB, AWS, SLACK)}


def config(*tools: Tool, **changes: Any) -> Config:
    """The published template, or the same frame around other tools."""
    values: dict[str, Any] = {
        "path": Path("policy.yaml"),
        "sha256": "0" * 64,
        "runtime": RUNTIME,
        "policy_engine": ENGINE,
        "audit": AUDIT,
        "tools": {one.name: one for one in tools} or SEED_TOOLS,
        "accounts": {"dev-env": "111122223333"},
    }
    return Config(**values | changes)


def policy(*tools: Tool, **changes: Any) -> Policy:
    return compile_policy(config(*tools, **changes), OPERATIONS)


def layer(path: str = "org.yaml", **sections: Any) -> Layer:
    return Layer(path, "1" * 64, PartialPolicy(**sections))


def person(role: str = "engineer", subject: str = "ana") -> Principal:
    return Principal("https://login", subject, subject, role=role, proven=True)


def resource(system: System, **dimensions: str) -> Resource:
    named = {key.replace("_", "-"): value for key, value in dimensions.items()}
    return Resource(RESOURCE_TYPES[system], ",".join(map(str, named.values())), named)


def repo(name: str) -> Resource:
    return resource(System.GITHUB, repo=name)


INFRA = repo("org/infra-core")


def ask(
    tool: Any = "github_inspector",
    *resources: Resource,
    env: Any = "dev",
    role: Any = "engineer",
    action: Any = READ,
    operation: Any = ANY,
    approvals: Any = frozenset(),
    subject: Principal | None = None,
    **context: Any,
) -> Request:
    values: dict[str, Any] = {"env": env, "time": NOON, "approvals": approvals} | context
    return Request(subject or person(role), tool, action, operation, resources or (INFRA,), Context(**values))


RUN, CALL = frozenset({Grain.RUN}), frozenset({Grain.CALL})


def approvals(**changes: Any) -> Approvals:
    return Approvals(**changes)
