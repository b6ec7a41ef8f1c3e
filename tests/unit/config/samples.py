"""A small valid configuration, and the public material beside the checkout."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HARNESS_SHARED", Path(__file__).parents[3] / ".." / "shared")) / "data"

MINIMAL = """\
runtime:
  version: "1.0"
  identity_binding: "sso-scim"
  credential_rotation: "ephemeral-15m"
policy_engine:
  approval_required_for: ["write", "execute"]
  restricted_data_classes: ["confidential", "pii", "financial"]
  environment_gates:
    dev:
      requires_human_approval: false
      allowed_tools: ["read_only_scanners"]
audit:
  format: "structured-json"
  fields: ["traceId", "timestamp"]
  sink: "file"
  retention_days: 2557
tools:
  jira_reader:
    actions: ["read"]
    classification: "internal"
    scope: "project-key:SEC-*"
  github_inspector:
    actions: ["read"]
    classification: "internal"
    scope: "repo:acme/infra-*"
"""


def shared(name: str) -> Path:
    """A file of the public test material; the test is skipped where it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no public test material at {SHARED}")
    return path
