"""Cases made of hand-written facts, and what the checks say of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from harness_cli.config.model import Review
from harness_cli.core.principal import UNPROVEN
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AccountFacts, AwsFacts, Document, Place, RegionFacts, parse_document
from harness_cli.review.case import Case
from harness_cli.review.direct import default_config
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.finding import Finding, Severity, Status
from harness_cli.review.registry import all_checks, run_check

ACCOUNT, REGION = "111122223333", "us-east-1"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEEN = (Evidence("aws", "x:Describe", "2026-11-24T12:00:00.000Z", 7, "sha256:00", region=REGION, account=ACCOUNT),)
DENIED = Unread(Reason.ACCESS_DENIED, "access denied", SEEN)


def known(value: Any) -> Known[Any]:
    return Known(value, SEEN)


def items(*values: Any) -> Known[Any]:
    return Known(values, SEEN)


def policy(*statements: dict[str, Any]) -> Document:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)})


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def case_of(
    region: RegionFacts | None = None,
    account: AccountFacts | None = None,
    *,
    env: str = "dev",
    ports: tuple[str, ...] = (),
) -> Case:
    facts = AwsFacts(
        accounts=(ACCOUNT,),
        regions=(REGION,),
        by_account={ACCOUNT: account or AccountFacts()},
        by_place={Place(ACCOUNT, REGION): region or RegionFacts()},
    )
    config = replace(default_config(), review=Review(ports=ports))
    return Case(env=env, now=NOW, requester=UNPROVEN, config=config, aws=facts)


def findings(check: str, case: Case) -> list[Finding]:
    return list(run_check(all_checks()[check], case))


def only(check: str, case: Case) -> Finding:
    (finding,) = findings(check, case)
    assert finding.evidence or finding.status is Status.NOT_EVALUATED, "a verdict needs evidence"
    return finding


def word(check: str, case: Case) -> tuple[str, Severity]:
    finding = only(check, case)
    return finding.status.value, finding.severity
