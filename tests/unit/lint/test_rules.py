"""Branches of the rules beyond their samples: each edit of a clean configuration, and what is found where."""

from datetime import date
from pathlib import Path

import pytest

from harness_cli.config.read import parse_document
from harness_cli.config.understand import understand
from harness_cli.core.diagnostic import Diagnostic
from harness_cli.lint.run import lint

BASE = (Path(__file__).parents[3] / "sample-configs" / "agent-harness-config.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 24)

PEOPLE = "  people:\n"
JIRA, REPO, CHANNEL = '"project-key:SEC-*"', '"repo:acme/infra-*"', '"channel:C0123456789"'
AWS = '["account:main,region:us-east-1", "account:main,region:aws-global"]'
CREDENTIAL = '{env: "GH_TOKEN"}'
PROD = "    prod:\n      requires_human_approval: true\n"
STAGING = "    staging:\n      requires_human_approval: true\n"
BOTH = '["read_only_scanners", "risk_notifiers"]'
EXTRA = "approvals:\n"
FREEZE = 'review: {freezes: [{name: "year-end", start: "%s", end: "%s", environments: %s}]}\n'


def findings(*edits: tuple[str, str]) -> tuple[tuple[Diagnostic, ...], list[str]]:
    text = BASE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    found = lint(understand(parse_document(text.encode(), "x.yaml"), Path("x.yaml")), TODAY)
    return found, text.split("\n")


# code, severity, the text under the carets, old, new
CASES = [
    ("H000", "error", ":", "  client_id", "  x: y\n   client_id"),
    ("H000", "error", "\t", "  client_id", "\tclient_id"),
    ("H000", "error", "@", '"ephemeral-15m"', "@daily"),
    ("H001", "error", "\u202e", "infra-reviewers", "infra-\u202ereviewers"),
    ("H001", "error", "\x07", "infra-reviewers", "infra\x07reviewers"),
    ("H003", "error", "*token", CREDENTIAL, "*token"),
    ("H003", "error", "<<", "  jira_reader:\n", "  jira_reader:\n    <<: {}\n"),
    ("H006", "error", "limit", "limits:", "limit:"),
    ("H006", "error", "colour", EXTRA, "colour: blue\n" + EXTRA),
    ("H006", "error", "allowed_tool", "allowed_tools", "allowed_tool"),
    ("H006", "error", "token", 'credential: {env: "SLACK_TOKEN"}', 'token: {env: "SLACK_TOKEN"}'),
    ("H007", "error", '"write"', 'actions: ["write"]', 'actions: "write"'),
    ("H007", "error", '"true"', "requires_approval: true", 'requires_approval: "true"'),
    ("H007", "error", "on", "requires_approval: true", "requires_approval: on"),
    ("H007", "error", '"2557"', "retention_days: 2557", 'retention_days: "2557"'),
    ("H007", "error", "0", "max_calls: 1000", "max_calls: 0"),
    ("H007", "error", '"4 hours"', '"4h"', '"4 hours"'),
    ("H007", "error", '"deploy"', 'actions: ["write"]', 'actions: ["deploy"]'),
    ("H007", "error", '"critica"', EXTRA, 'review: {fail_on: "critica"}\n' + EXTRA),
    ("H007", "error", "network", EXTRA, "network:\n" + EXTRA),
    ("H007", "error", "jira_reader", '    classification: "internal"\n    scope: "project', '    scope: "project'),
    ("H007", "error", '{env: "A", file: "b"}', CREDENTIAL, '{env: "A", file: "b"}'),
    ("H007", "error", "1.0", 'version: "1.0"', "version: 1.0"),
    ("H008", "warning", "1.10", 'version: "1.0"', "version: 1.10"),
    ("H008", "warning", "012345670123", '"123456789012"', "012345670123"),
    ("H008", "warning", "22:30", "  approve_within", "  escalate_to: 22:30\n  approve_within"),
    ("H008", "warning", "2026-11-24", "  approve_within", "  escalate_to: 2026-11-24\n  approve_within"),
    ("H008", "warning", "no", "  engineer:", "  no: {clearance: []}\n  engineer:"),
    ("H008", "warning", "010", "max_calls: 1000", "max_calls: 010"),
    ("H009", "error", "---", EXTRA, "---\n" + EXTRA),
    ("H011", "error", '"SSO"', '"sso-scim"', '"SSO"'),
    (
        "H012",
        "error",
        "AKIA" + "QYLPMN5HEXAMPLE2"[:16],
        "  github: {",
        "  # AKIA" + "QYLPMN5HEXAMPLE2"[:16] + "\n  github: {",
    ),
    ("H012", "error", "bob:hunter22", "https://acme.atl", "https://bob:hunter22@acme.atl"),
    ("H012", "error", '"abc"', CREDENTIAL, '{token: "abc"}'),
    ("H012", "error", "hunter22", "  github: {", "  # password: hunter22\n  github: {"),
    ("H013", "warning", '"ephemeral-45m"', '"ephemeral-15m"', '"ephemeral-45m"'),
    ("H013", "error", '"static"', '"ephemeral-15m"', '"static"'),
    ("H014", "warning", '"ephemeral-15m"', '"30m"', '"5m"'),
    ("H014", "warning", '"ephemeral-15m"', '"4h"', '"10m"'),
    ("H015", "error", '"https://github.com"', "https://api.github.com", "https://github.com"),
    (
        "H015",
        "error",
        '"https://api.github.com.evil.example"',
        "https://api.github.com",
        "https://api.github.com.evil.example",
    ),
    ("H015", "error", '"http://login.acme.example"', '"https://login.acme.example"', '"http://login.acme.example"'),
    ("H015", "error", '"https://acme.slack.com"', "https://acme.atlassian.net", "https://acme.slack.com"),
    ("H015", "error", '"http://10.0.0.1:4566"', "aws: {", 'aws: {endpoint_url: "http://10.0.0.1:4566", '),
    ("H015", "error", '"https://slack.example"', "slack: {", 'slack: {url: "https://slack.example", '),
    ("H030", "warning", "qa", EXTRA, "review: {environments: {qa: {}}}\n" + EXTRA),
    ("H030", "warning", "qa", EXTRA, FREEZE % ("2026-12-20", "2027-01-03", "[qa]") + EXTRA),
    ("H084", "error", '"2026-12-01"', EXTRA, FREEZE % ("2026-12-20", "2026-12-01", "[prod]") + EXTRA),
    ("H084", "error", '"2026-02-30"', EXTRA, FREEZE % ("2026-02-30", "2026-12-01", "[prod]") + EXTRA),
    ("H007", "error", '"tomorrow"', EXTRA, FREEZE % ("tomorrow", "2026-12-01", "[prod]") + EXTRA),
    ("H007", "error", '"2026-12-20T18:00"', EXTRA, FREEZE % ("2026-12-20T18:00", "2026-12-21", "[prod]") + EXTRA),
    ("H007", "error", "[]", EXTRA, FREEZE % ("2026-12-20", "2026-12-21", "[]") + EXTRA),
    ("H031", "error", '"nobody"', '["slack_notifier"]', '["slack_notifier", "nobody"]'),
    ("H031", "warning", "spare", "tool_groups:\n", "tool_groups:\n  spare: []\n"),
    (
        "H031",
        "warning",
        '"audit_loggers"',
        f"allowed_tools: {BOTH}",
        'allowed_tools: ["read_only_scanners", "risk_notifiers", "audit_loggers"]',
    ),
    ("H032", "warning", "aws_metadata", ', "aws_metadata"]', "]"),
    ("H034", "warning", "false", PROD, PROD.replace("true", "false")),
    ("H035", "warning", "false", PROD, PROD.replace("true", "false")),
    ("H034", "warning", "1", EXTRA, "review: {required_approvals: {dev: 2, prod: 1}}\n" + EXTRA),
    (
        "H034",
        "warning",
        '"medium"',
        "  approve_within",
        '  min_assurance: {staging: "high", prod: "medium"}\n  approve_within',
    ),
    ("H038", "error", "ticket_reader", "  jira_reader:\n", "  ticket_reader:\n"),
    ("H038", "error", '"gitlab"', "  jira_reader:\n", '  jira_reader:\n    connector: "gitlab"\n'),
    ("H038", "error", "jira_reader", "  jira_reader:\n", '  jira_reader:\n    connector: "github"\n'),
    (
        "H039",
        "warning",
        '"write"',
        '    actions: ["read"]\n    classification: "restricted"',
        '    actions: ["read", "write"]\n    classification: "restricted"',
    ),
    (
        "H041",
        "warning",
        '"confidental"',
        'restricted_data_classes: ["confidential"',
        'restricted_data_classes: ["confidental"',
    ),
    ("H044", "error", '"auditor"', 'infra-reviewers: "engineer"', 'infra-reviewers: "auditor"'),
    ("H044", "error", '"engineer"', '"internal", "restricted"]}', '"internal", "restricted"], inherits: ["engineer"]}'),
    ("H044", "error", '"ghost"', '"internal", "restricted"]}', '"internal", "restricted"], inherits: ["ghost"]}'),
    ("H044", "error", '"security-admin"', "  scim:", '  local_role: "security-admin"\n  scim:'),
    ("H045", "warning", '"security-admins"', '"infra-approvers"', '"security-admins"'),
    ("H050", "error", "*", CHANNEL, '"channel:*"'),
    ("H050", "warning", "acme/*", REPO, '"repo:acme/*"'),
    ("H050", "warning", "*", AWS, '"account:main,region:*"'),
    ("H051", "error", "*", AWS, '"account:*,region:us-east-1"'),
    ("H051", "error", "arn:*:s3:::logs", AWS, '"account:main,region:us-east-1,arn:arn:*:s3:::logs"'),
    ("H052", "info", "slack_notifier", f"    scope: {CHANNEL}\n", ""),
    ("H052", "error", "slack_notifier", f"    scope: {CHANNEL}\n    requires_approval: true\n", ""),
    ("H053", "error", "acme/infra/x", REPO, '"repo:acme/infra/x"'),
    ("H053", "error", "mars-west-*", AWS, '"account:main,region:mars-west-*"'),
    ("H053", "error", "repo", JIRA, '"repo:acme/x"'),
    ("H053", "error", '""', REPO, '""'),
    ("H053", "error", " project-key:B", JIRA, '"project-key:A2, project-key:B"'),
    ("H053", "error", "acme/.git", REPO, '{repo: ["acme/.git"]}'),
    ("H054", "warning", "acme/infra*", REPO, '"repo:acme/infra*"'),
    ("H055", "warning", "other", AWS, '"account:other,region:us-east-1"'),
    ("H055", "error", "12345", AWS, '"account:12345,region:us-east-1"'),
    ("H055", "error", '"1234-5678-9012"', '"123456789012"', '"1234-5678-9012"'),
    ("H056", "error", '"region:us-east-1"', AWS, '"region:us-east-1"'),
    ("H058", "warning", '"#risk"', 'channel: "C0123456789"}', 'channel: "#risk"}'),
    ("H059", "error", "..", REPO, '"repo:acme/../x"'),
    ("H059", "error", "?", REPO, '"repo:acme/infra-?"'),
    ("H059", "error", "[", JIRA, '"project-key:[A-Z]*"'),
    ("H060", "error", '"kafka"', 'type: "cloudwatch"', 'type: "kafka"'),
    ("H062", "info", "2555", "2557", "2555"),
    ("H062", "error", "90", "retention_days: 2557", 'retention_days: 90\n  regime: "pci-dss"'),
    ("H063", "error", "false", "  sink: ", "  integrity: false\n  sink: "),
    ("H063", "error", "off", "  sink: ", "  integrity: off\n  sink: "),
    ("H071", "error", '"infra-review"', '"infra-approvers"', '"infra-review"'),
    ("H071", "error", '"everyone"', '"infra-approvers"', '"everyone"'),
    ("H072", "warning", '"2d"', 'execute_within: "30m"', 'execute_within: "2d"'),
    ("H073", "error", '["write"]', '["write", "execute"]', '["write"]'),
    ("H074", "error", '"allow"', "  approve_within", '  on_timeout: "allow"\n  approve_within'),
    ("H075", "error", "9", "quorum: 1", "quorum: 9"),
    ("H082", "error", '{file: "org.yaml"}', "runtime:", 'extends: [{file: "org.yaml"}]\nruntime:'),
    ("H083", "warning", "limits", 'limits:\n  max_calls: 1000\n  max_duration: "15m"', "limits: {}"),
    (
        "H084",
        "error",
        '"Mars/Olympus"',
        PROD,
        PROD + '      windows: [{days: ["mon"], start: "08:00", end: "18:00", tz: "Mars/Olympus"}]\n',
    ),
    (
        "H084",
        "error",
        '{days: ["mon"], start: "08:00", end: "18:00"}',
        PROD,
        PROD + '      windows: [{days: ["mon"], start: "08:00", end: "18:00"}]\n',
    ),
    ("H085", "warning", "# harness: ignore[H032]", "  sink: ", "  # harness: ignore[H032]\n  sink: "),
    (
        "H085",
        "warning",
        '# harness: ignore[H032] reason="old" until=2026-01-01',
        "  sink: ",
        '  # harness: ignore[H032] reason="old" until=2026-01-01\n  sink: ',
    ),
    ("H085", "warning", "# harness: ignore everything", "  sink: ", "  # harness: ignore everything\n  sink: "),
]


@pytest.mark.parametrize(("code", "severity", "marked", "old", "new"), CASES)
def test_defect_is_found_at_its_place(code: str, severity: str, marked: str, old: str, new: str) -> None:
    found, lines = findings((old, new))
    hits = [d for d in found if d.code == code and d.severity == severity]
    assert hits, [(d.code, d.severity, d.message) for d in found]
    spans = [lines[d.span.line - 1][d.span.column - 1 : d.span.end_column - 1] for d in hits]
    assert marked in spans


def test_the_clean_configuration_is_clean() -> None:
    assert findings()[0] == ()


def test_a_freeze_that_is_one_is_clean() -> None:
    found, _ = findings((EXTRA, FREEZE % ("2026-12-20T18:00:00+01:00", "2027-01-03", "[prod, staging]") + EXTRA))
    assert found == ()


def test_a_freeze_whose_end_nobody_can_read_never_ends() -> None:
    text = BASE.replace(EXTRA, FREEZE % ("2026-12-20", "2026-02-30", "[prod]") + EXTRA)
    (freeze,) = understand(parse_document(text.encode(), "x.yaml"), Path("x.yaml")).config.review.freezes
    assert (freeze.start.year, freeze.end.year) == (2026, 9999)


def test_findings_come_in_source_order() -> None:
    found, _ = findings(
        (JIRA, '"project-key:SEC*"'), ('version: "1.0"', "version: 1.10"), ("max_calls: 1000", "max_call: 1")
    )
    assert [d.span for d in found] == sorted(d.span for d in found)
    assert {d.code for d in found} == {"H007", "H008", "H006", "H054"}


def test_an_error_in_one_tool_does_not_hide_those_of_another() -> None:
    found, _ = findings(
        ('    classification: "restricted"', '    clasification: "restricted"'), (REPO, '"repo:*/infra-*"')
    )
    assert {d.code for d in found} == {"H006", "H051"}


def test_approvers_are_cleared_for_what_they_approve() -> None:
    found, _ = findings(
        ('infra-reviewers: "engineer"', 'infra-reviewers: "engineer"\n    infra-approvers: "clerk"'),
        ("  engineer: {", '  clerk: {clearance: ["public"]}\n  engineer: {'),
    )
    assert [d.code for d in found] == ["H040"]


def test_service_account_of_the_cloud_is_sent_nowhere_else() -> None:
    client = '{oauth_client: {client_id: "h", client_secret: {env: "S"}, cloud_id: "1"}}'
    for host, expected in (("jira.acme.example", ["H015"]), ("acme.atlassian.net", [])):
        found, _ = findings(('{env: "JIRA_TOKEN"}', client), ("acme.atlassian.net", host))
        assert [d.code for d in found] == expected


def test_local_binding_needs_no_gates_beyond_dev() -> None:
    start, end = BASE.index("    staging:\n"), BASE.index("approvals:\n")
    text = (
        (BASE[:start] + BASE[end:])
        .replace('"sso-scim"', '"local"')
        .replace('    environments: ["staging", "prod"]\n', "")
    )
    found = lint(understand(parse_document(text.encode(), "x.yaml"), Path("x.yaml")), TODAY)
    assert "H030" not in {d.code for d in found}


def test_prod_may_notify_what_dev_does_not() -> None:
    for before in ("    staging", "    prod"):
        assert findings((f"{BOTH}\n{before}", f'["read_only_scanners"]\n{before}'))[0] == ()


def test_prod_that_changes_what_dev_does_not_is_looser() -> None:
    writer = '  ticket_writer:\n    connector: jira\n    actions: ["write"]\n    classification: "internal"\n'
    found, _ = findings(
        ("tools:\n", f'tools:\n{writer}    scope: "project-key:OPS-*"\n'),
        ("tool_groups:\n", 'tool_groups:\n  writers: ["ticket_writer"]\n'),
        (f"{PROD}      allowed_tools: [", f'{PROD}      allowed_tools: ["writers", '),
    )
    assert [d.code for d in found] == ["H034"]


@pytest.mark.parametrize("name", ["jir\u0430_reader", "j\u0456ra_reader"])
def test_letters_of_another_script_are_named(name: str) -> None:
    found, _ = findings(
        ("tools:\n", f"tools:\n  {name}: {{connector: jira, actions: [read], classification: internal}}\n")
    )
    assert {"H007", "H038"} <= {d.code for d in found}


@pytest.mark.parametrize(
    ("regime", "days", "code"),
    [("SOX", 2557, ""), ("PCI DSS", 90, "H062"), ("house rules", 90, "H062"), ("soc_2", 400, "")],
)
def test_regimes_are_known_by_their_usual_spellings(regime: str, days: int, code: str) -> None:
    found, _ = findings(("retention_days: 2557", f'retention_days: {days}\n  regime: "{regime}"'))
    assert [d.code for d in found] == ([code] if code else [])


def test_execute_in_prod_wants_two_people_and_a_tool_of_its_own() -> None:
    found, _ = findings(
        (
            '    actions: ["read"]\n    classification: "restricted"',
            '    actions: ["read", "execute"]\n    classification: "restricted"',
        )
    )
    assert {d.code for d in found} == {"H037", "H039", "H072"}


def test_suppression_with_reason_is_quiet_on_its_own_line_and_the_next() -> None:
    comment = '# harness: ignore[H054] reason="one project only" until=2027-01-01'
    for new in (f'"project-key:SEC*" {comment}', f'"project-key:SEC*" {comment}'):
        assert findings((JIRA, new))[0] == ()
    above = f"    {comment}\n    scope: " + '"project-key:SEC*"'
    assert findings((f"    scope: {JIRA}", above))[0] == ()


def test_errors_cannot_be_suppressed() -> None:
    comment = '# harness: ignore[H051] reason="trust me" until=2027-01-01'
    found, _ = findings((REPO, f'"repo:*/infra-*" {comment}'))
    assert {d.code for d in found} == {"H051", "H085"}


def test_numbered_tools_are_not_confusable() -> None:
    tools = "".join(
        f"  reader_{n}:\n    connector: github\n"
        f'    actions: ["read"]\n    classification: "internal"\n    scope: "repo:acme/r-{n}"\n'
        for n in range(30)
    )
    groups = ", ".join(f"reader_{n}" for n in range(30))
    found, _ = findings(("tools:\n", "tools:\n" + tools), ('["jira_reader", ', f'["jira_reader", {groups}, '))
    assert found == ()


@pytest.mark.parametrize(
    "line",
    [
        "# token: see the vault at vault.acme.example",
        "# password: ask-the-team-lead",
        '# credential: {env: "GITHUB_TOKEN_2"}',
        "# sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "# secret: SOME_VARIABLE_9",
        "# https://acme.atlassian.net/browse/SEC-142?filter=12345",
    ],
)
def test_references_and_digests_are_no_credentials(line: str) -> None:
    assert findings(("  github: {", f"  {line}\n  github: {{"))[0] == ()


@pytest.mark.parametrize("old", ['"internal"', '"infra-review"', '"2557"', "  jira_reader:", '"4h"'])
def test_a_credential_in_the_wrong_place_is_never_repeated(old: str, faker_token: str) -> None:
    token = "ghp_" + "".join(c for c in faker_token * 3 if c.isalnum())[:36]
    text = BASE.replace("retention_days: 2557", 'retention_days: "2557"')
    text = text.replace(old, f"  {token}:" if old.endswith(":") else f'"{token}"', 1)
    found = lint(understand(parse_document(text.encode(), "x.yaml"), Path("x.yaml")), TODAY)
    assert "H012" in {d.code for d in found}
    assert not any(token in d.message + d.help + d.label for d in found)
