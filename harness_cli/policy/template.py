"""What holds where a configuration leaves a section out (design: policy.md §6): classes, roles, derived groups."""

from harness_cli.config.model import Action, Tool

CLASSES = ("public", "internal", "restricted", "confidential", "pii", "financial")
ENGINEER, SECURITY_ADMIN = "engineer", "security-admin"
READERS, WRITERS, AUDITORS = "read_only_scanners", "sandbox_writers", "audit_loggers"


def derived_group(tool: Tool) -> str:
    """The group of a tool where `tool_groups:` is absent; empty for tools that execute, or do nothing."""
    actions = set(tool.actions)
    if not actions or Action.EXECUTE in actions:
        return ""
    return READERS if actions == {Action.READ} else WRITERS
