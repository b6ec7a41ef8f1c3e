"""The AWS checks on a caller's own boto3 session, for side-by-side comparisons; `run` never uses this."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness_cli.config.model import (
    Audit,
    Config,
    IdentityBinding,
    PolicyEngine,
    Runtime,
    System,
)
from harness_cli.core.clock import Clock, SystemClock, parse_duration, rfc3339
from harness_cli.core.errors import ConnectorError, HarnessError
from harness_cli.core.principal import UNPROVEN
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.finding import Finding
from harness_cli.review.live_facts import collect_aws
from harness_cli.review.reader import Ask
from harness_cli.review.registry import Check, all_checks, run_check
from harness_cli.runtime.direct_aws import DirectAws

SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class DirectReader:
    """A reader without an enforcement point behind it; its evidence names no audit line."""

    aws: DirectAws
    clock: Clock

    def read(self, ask: Ask) -> Fact[Any]:  # Any: the operation's result shape
        try:
            reply = self.aws.read(ask.operation, ask.params)
        except HarnessError as err:
            reason = err.reason if isinstance(err, ConnectorError) else Reason.NOT_GRANTED
            return Unread(reason, err.message, (self._evidence(ask, ""),))
        seen = (self._evidence(ask, f"sha256:{reply.sha256}"),)
        if reply.truncated:
            return Unread(Reason.TRUNCATED, f"{ask.operation} has more than may be read", seen)
        return Known(reply.value, seen)

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:  # Any: as above
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return tuple(pool.map(self.read, asks))

    def _evidence(self, ask: Ask, digest: str) -> Evidence:
        return Evidence(
            source=System.AWS.value,
            call=ask.operation,
            at=rfc3339(self.clock.now()),
            audit_seq=0,
            digest=digest,
            region=str(ask.params["region"]),
            account=str(ask.params["account"]),
        )


def evaluate(
    session: Any, regions: Sequence[str], check_ids: Sequence[str] | None = None
) -> list[Finding]:  # Any: boto3's session
    """Every row that the checks say of the session's account in the regions; without ids, every check of AWS alone.

    Raises: ConnectorError where the session does not even say whose it is; KeyError for an unknown check.
    """
    declared = _declared(check_ids)
    aws, clock = DirectAws(session), SystemClock()
    try:
        account = str(aws.read("sts:GetCallerIdentity", _anywhere(regions)).value["Account"])
        facts = collect_aws(DirectReader(aws, clock), [account], regions, frozenset(one.id for one in declared))
    finally:
        aws.close()
    case = Case(env="", now=clock.now(), requester=UNPROVEN, config=default_config(), aws=facts)
    return [finding for check in declared for finding in run_check(check, case)]


def _declared(check_ids: Sequence[str] | None) -> list[Check]:
    if check_ids is None:
        return [one for one in all_checks().values() if one.sources == (System.AWS,)]
    return [all_checks()[name] for name in check_ids]


def _anywhere(regions: Sequence[str]) -> dict[str, str]:
    return {"account": "0" * 12, "region": regions[0] if regions else "aws-global"}


def default_config() -> Config:
    """What checks read of a configuration, at its defaults."""
    return Config(
        path=Path(),
        sha256="",
        runtime=Runtime("1.0", IdentityBinding.LOCAL, parse_duration("15m")),
        policy_engine=PolicyEngine((), (), {}),
        audit=Audit("structured-json", (), "", 0),
        tools={},
    )
