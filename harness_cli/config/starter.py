"""The first configuration of a project: every line explained, nothing in it that the linter would nag about.

The local-first path (identity-credentials-approvals.md §2): one engineer, no administrator, environment dev. What
prod needs is written beside it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SCHEMA_ADDRESS: Final = "https://raw.githubusercontent.com/harness-review/harness/main/schemas/config.v1.schema.json"
USUAL_ENVIRONMENTS: Final = ("dev", "staging", "prod")
DEFAULT_REGIONS: Final = ("us-east-1",)
_COMMENT_COLUMN: Final = 58
_GRACE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked; a system whose answer is empty is left out."""

    environments: tuple[str, ...] = USUAL_ENVIRONMENTS
    jira_url: str = ""
    jira_projects: tuple[str, ...] = ()
    jira_user: str = ""  # empty: a bearer token (Data Center)
    github_url: str = "https://api.github.com"
    repositories: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = DEFAULT_REGIONS
    aws_profile: str = ""  # empty: the usual chain
    channel: str = ""
    approvers: str = "infra-approvers"
    syslog: str = ""

    @property
    def readers(self) -> tuple[str, ...]:
        """The tools that read."""
        named = (("jira_reader", self.jira_projects), ("github_inspector", self.repositories))
        return tuple(name for name, what in (*named, ("aws_metadata", self.accounts)) if what)


def starter_config(answers: Answers, today: date) -> str:
    """The text of the configuration."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_ADDRESS}",
        "# What a review may read, for whom, and who is asked first. What is not written here is not allowed.",
        "# After each change: harness validate-config",
        *_runtime(),
        *_identity(),
        *_connections(answers),
        *_roles(),
        *_groups(answers),
        *_policy(answers),
        *_approvals(answers),
        *_limits(),
        *_review(answers),
        *_audit(answers, today),
        *_tools(answers),
    ]
    return "\n".join(lines) + "\n"


def _line(text: str, comment: str = "") -> str:
    return f"{text:<{_COMMENT_COLUMN - 2}}  # {comment}" if comment else text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


def _listed(items: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, items)) + "]"


def _runtime() -> Iterator[str]:
    yield ""
    yield "runtime:"
    yield _line('  version: "1.0"', "the form of this file")
    yield _line('  identity_binding: "local"', "your operating-system user: enough for dev only;")
    yield _line("", "staging and prod want sso-scim and the addresses under `identity`")
    yield _line('  credential_rotation: "ephemeral-15m"', "credentials live 15 minutes at most")
    yield _line('  agent_id: "infra-review"', "the name of this agent in the audit trail")


def _identity() -> Iterator[str]:
    yield ""
    yield "identity:"
    yield _line('  local_role: "engineer"', "your role while identity_binding is local")
    yield '  # issuer: "https://login.example.com"                   for sso-scim: where people prove who they are'
    yield '  # client_id: "harness-cli"                              and the id of this program there'
    yield '  # scim: {url: "https://login.example.com/scim/v2", credential: {env: "HARNESS_SCIM_TOKEN"}}'
    yield '  # roles: {"infra-reviewers": "engineer"}                group at the identity provider: role here'


def _connections(answers: Answers) -> Iterator[str]:
    yield ""
    yield "connections:                                              # secrets are named here, never written here"
    if answers.jira_projects:
        yield "  jira:"
        yield _line(f"    url: {_quoted(answers.jira_url)}", "your Jira site")
        yield from _jira_credential(answers)
    if answers.repositories:
        yield "  github:"
        yield _line(f"    url: {_quoted(answers.github_url)}", "Enterprise Server: https://HOST/api/v3")
        yield _line('    credential: {env: "GH_TOKEN"}', 'or {command: ["gh", "auth", "token"]}, or a GitHub App')
    if answers.accounts and answers.aws_profile:
        yield "  aws:"
        yield _line(
            f"    credential: {{profile: {_quoted(answers.aws_profile)}}}", "a profile of your AWS configuration"
        )
    elif answers.accounts:
        yield _line("  aws: {}", "the usual AWS chain; with a role: {credential: {assume_role: ARN}}")
    if answers.channel:
        yield "  slack:"
        yield _line('    credential: {env: "SLACK_BOT_TOKEN"}', "a bot token with chat:write")
        yield _line(f"    channel: {_quoted(answers.channel)}", "the id of the channel that is told")


def _jira_credential(answers: Answers) -> Iterator[str]:
    if answers.jira_user:
        user = _quoted(answers.jira_user)
        yield _line(
            f'    credential: {{basic: {{user: {user}, token: {{env: "JIRA_API_TOKEN"}}}}}}',
            "Jira Cloud: an API token",
        )
    else:
        yield _line('    credential: {env: "JIRA_API_TOKEN"}', "a bearer token (Data Center);")
        yield _line("", 'Jira Cloud: {basic: {user: "you@example.com", token: {env: "JIRA_API_TOKEN"}}}')


def _roles() -> Iterator[str]:
    yield ""
    yield "roles:                                                    # who may read which classes of data, where"
    yield '  engineer: {clearance: ["public", "internal", "restricted"]}'
    yield "  security-admin:"
    yield '    clearance: ["public", "internal", "restricted", "confidential", "pii", "financial"]'
    yield '    environments: ["staging", "prod"]'


def _groups(answers: Answers) -> Iterator[str]:
    yield ""
    yield "tool_groups:                                              # gates allow groups, groups name tools"
    if answers.readers:
        yield f"  read_only_scanners: {_listed(answers.readers)}"
    if answers.channel:
        yield _line('  risk_notifiers: ["slack_notifier"]', "a group of its own, so that prod can be told")


def _policy(answers: Answers) -> Iterator[str]:
    yield ""
    yield "policy_engine:"
    yield _line('  approval_required_for: ["write", "execute"]', "another person approves each exact change")
    yield _line('  restricted_data_classes: ["confidential", "pii", "financial"]', "for cleared roles only")
    yield _line('  static_credentials: "dev_only"', "tokens that never expire are for dev")
    yield _line("  environment_gates:", "an environment without a gate is closed")
    known = [e for e in USUAL_ENVIRONMENTS if e not in answers.environments]
    for environment in (*answers.environments, *known):
        yield from _gate(answers, environment)


def _gate(answers: Answers, environment: str) -> Iterator[str]:
    is_open = environment in answers.environments
    groups = (*(("read_only_scanners",) if answers.readers and is_open else ()), *_notifiers(answers, is_open))
    asks = environment != "dev"
    yield f"    {environment}:"
    comment = "a person approves the plan of each run" if asks else "runs start at once"
    yield _line(f"      requires_human_approval: {'true' if asks else 'false'}", comment)
    yield _line(f"      allowed_tools: {_listed(groups)}", "" if is_open else "closed; add a group to open it")


def _notifiers(answers: Answers, is_open: bool) -> tuple[str, ...]:
    return ("risk_notifiers",) if answers.channel and is_open else ()


def _approvals(answers: Answers) -> Iterator[str]:
    yield ""
    yield "approvals:"
    yield _line(
        f"  approvers: {{group: {_quoted(answers.approvers)}, quorum: 1}}", "their group at the identity provider"
    )
    yield _line('  channels: ["cli"]', "where they answer; slack and jira are possible too")
    yield _line('  approve_within: "4h"', "no answer in time is a no")
    yield _line('  execute_within: "30m"', "an approval counts this long")


def _limits() -> Iterator[str]:
    yield ""
    yield "limits:                                                   # the most that one run may do"
    yield "  max_calls: 1000"
    yield '  max_duration: "15m"'


def _review(answers: Answers) -> Iterator[str]:
    yield ""
    yield "review:"
    yield _line('  fail_on: "high"', "findings from here on end a run with exit code 10")
    if answers.channel:
        yield _line("  notify: false", "true: offer the notice at the end of each run")


def _audit(answers: Answers, today: date) -> Iterator[str]:
    fields = ("traceId", "timestamp", "agentId", "action", "tool", "dataClass", "approvalStatus", "outcome")
    until = (today + _GRACE).isoformat()
    yield ""
    yield "audit:                                                    # every decision and call, in .harness/audit"
    yield '  format: "structured-json"'
    yield f"  fields: {_listed(fields)}"
    if answers.syslog:
        yield _line('  sink: "siem-syslog"', "forwarded there; the local file is always written")
    else:
        yield f'  # harness: ignore[H064] reason="no SIEM yet: the trail stays in .harness/audit" until={until}'
        yield _line('  sink: "file"', "the local file; siem-cloudwatch, siem-syslog … with `sinks`")
    yield _line("  retention_days: 2557", "seven years")
    if answers.syslog:
        yield f"  sinks: [{{type: syslog, address: {_quoted(answers.syslog)}, tls: true}}]"


def _tools(answers: Answers) -> Iterator[str]:
    yield ""
    yield "tools:                                                    # what each tool may do, with which data, on what"
    if answers.jira_projects:
        scope = tuple(f"project-key:{project}-*" for project in answers.jira_projects)
        yield from _tool("jira_reader", "read", "internal", scope, "these projects and their issues")
    if answers.repositories:
        scope = tuple(f"repo:{repository}" for repository in answers.repositories)
        yield from _tool("github_inspector", "read", "internal", scope, "`*` stands for characters of one name")
    if answers.accounts:
        places = ((account, region) for account in answers.accounts for region in (*answers.regions, "aws-global"))
        scope = tuple(f"account:{account},region:{region}" for account, region in places)
        yield from _tool("aws_metadata", "read", "restricted", scope, "aws-global is for IAM and the like")
    if answers.channel:
        yield from _tool("slack_notifier", "write", "internal", (f"channel:{answers.channel}",), "this channel only")
        if "prod" in answers.environments:
            yield _line("    requires_approval: true", "another person sees the exact message first")


def _tool(name: str, action: str, data_class: str, scope: tuple[str, ...], comment: str) -> Iterator[str]:
    yield f"  {name}:"
    yield f'    actions: ["{action}"]'
    yield f'    classification: "{data_class}"'
    if len(scope) == 1:
        yield _line(f"    scope: {_quoted(scope[0])}", comment)
        return
    yield _line("    scope:", comment)
    yield from (f"      - {_quoted(text)}" for text in scope)
