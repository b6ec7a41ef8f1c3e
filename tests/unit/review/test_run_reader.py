"""Answers as facts: which of them say that a service failed."""

from datetime import UTC, datetime

import pytest

from harness_cli.config.model import System
from harness_cli.core.errors import ConnectorError, CredentialError, HarnessError, PolicyDeniedError, UnauthorizedError
from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Unread
from harness_cli.review.reader import Ask
from harness_cli.review.run_reader import fact_of
from harness_cli.runtime.enforce import Refused

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def error(reason: Reason, status: int | None = None) -> ConnectorError:
    return ConnectorError("no answer", reason=reason, http_status=status)


ERRORS = [
    ("unreachable", error(Reason.EXCEPTION), True),
    ("broken", error(Reason.EXCEPTION, 500), True),
    ("unavailable", error(Reason.EXCEPTION, 503), True),
    ("nonsense under a good status", error(Reason.EXCEPTION, 200), True),
    ("busy", error(Reason.THROTTLED, 429), True),
    ("busy in GitHub's words", error(Reason.THROTTLED, 403), True),
    ("a question that it does not take", error(Reason.EXCEPTION, 422), False),
    ("refused", error(Reason.ACCESS_DENIED, 403), False),
    ("not offered", error(Reason.UNSUPPORTED_API, 501), False),
    ("longer than may be read", error(Reason.TRUNCATED), False),
    ("no credential", CredentialError("none"), False),
    ("a refused credential", UnauthorizedError("no", reason=Reason.ACCESS_DENIED), False),
    ("denied by the policy", PolicyDeniedError("no"), False),
]


@pytest.mark.parametrize(("what", "problem", "failed"), ERRORS, ids=[what for what, _, _ in ERRORS])
def test_only_a_service_without_an_answer_has_failed(what: str, problem: HarnessError, *, failed: bool) -> None:
    reason = problem.reason if isinstance(problem, ConnectorError) else Reason.NOT_GRANTED
    fact = fact_of(Ask(System.AWS, "rds:DescribeDBInstances", {}), Refused(reason, problem, 7, AT))
    assert isinstance(fact, Unread), what
    assert [seen.failed for seen in fact.evidence] == [failed]
