from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from harness_cli.config.read import parse_document
from harness_cli.config.starter import Answers, starter_config
from harness_cli.config.starter_tests import starter_tests
from harness_cli.lint.files import check
from harness_cli.lint.policy_tests import run_policy_tests

TODAY = date(2026, 11, 24)
FULL = Answers(
    jira_url="https://acme.atlassian.net",
    jira_projects=("SEC", "OPS"),
    jira_user="you@acme.example",
    repositories=("acme/infra-*",),
    accounts=("123456789012",),
    regions=("us-east-1", "eu-central-1"),
    channel="C0123456789",
)
ENVIRONMENTS = [("dev",), ("prod",), ("dev", "prod"), ("qa", "dev"), ("dev", "staging", "prod")]
CHOICES = [c for c in product((True, False), repeat=4) if any(c)]


def answers(environments: tuple[str, ...], systems: tuple[bool, ...]) -> Answers:
    jira, github, aws, slack = systems
    return replace(
        FULL,
        environments=environments,
        jira_projects=FULL.jira_projects if jira else (),
        repositories=FULL.repositories if github else (),
        accounts=FULL.accounts if aws else (),
        channel=FULL.channel if slack else "",
    )


@pytest.mark.parametrize("environments", ENVIRONMENTS)
@pytest.mark.parametrize("systems", CHOICES)
def test_every_choice_gives_a_file_that_the_linter_never_nags(
    tmp_path: Path, environments: tuple[str, ...], systems: tuple[bool, ...]
) -> None:
    given = answers(environments, systems)
    text = starter_config(given, TODAY)
    assert check(Path("c.yaml"), parse_document(text.encode(), "c.yaml"), TODAY).diagnostics == ()
    if given.readers:
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "t.yaml").write_text(starter_tests(given, "c.yaml", "t.yaml"), encoding="utf-8")
        (tested,) = run_policy_tests([tmp_path])
        assert not tested.has_failed, [d.message for d in tested.diagnostics]


@pytest.mark.parametrize("more", [{"syslog": "siem.acme.example:6514"}, {"jira_user": ""}, {"aws_profile": "review"}])
def test_further_answers_keep_it_clean(more: dict[str, str]) -> None:
    text = starter_config(replace(FULL, **more), TODAY)
    assert check(Path("c.yaml"), parse_document(text.encode(), "c.yaml"), TODAY).diagnostics == ()


def test_what_is_accepted_for_now_runs_out() -> None:
    text = starter_config(FULL, TODAY).encode()
    later = check(Path("c.yaml"), parse_document(text, "c.yaml"), date(2027, 3, 1))
    assert {d.code for d in later.diagnostics} == {"H064", "H085"}


def test_answers_cannot_break_out_of_their_quotes() -> None:
    text = starter_config(replace(FULL, approvers='x", quorum: 9} # "\n'), TODAY)
    assert "quorum: 9" not in [line.strip() for line in text.splitlines()]
    assert parse_document(text.encode(), "c.yaml").node("approvals", "approvers", "quorum") is not None
