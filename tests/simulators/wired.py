"""Calls, leases and transports for tests of connectors, without a runtime above them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from harness_cli.config.model import (
    EnvRef,
    GithubConnection,
    JiraConnection,
    JiraFields,
    Network,
    SlackConnection,
    System,
)
from harness_cli.connectors import github, jira, slack
from harness_cli.connectors.base import Call, Connector, Reply
from harness_cli.core.clock import FixedClock
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import BasicAuth, BearerToken, Lease, LeaseKind
from harness_cli.runtime.budget import RunBudget
from harness_cli.runtime.catalogue import catalogue
from harness_cli.runtime.shapes import problem_of
from harness_cli.transport.session import Transport

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Nap:
    """A sleep that takes no time, and remembers."""

    clock: FixedClock
    taken: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.clock.advance(seconds)


def purse(seconds: float = 120.0, calls: int = 1000, clock: FixedClock | None = None) -> RunBudget:
    return RunBudget(clock or FixedClock(NOW), calls, max_items=10**6, max_bytes=10**9, max_seconds=seconds)


def transport(seconds: float = 120.0, network: Network | None = None, calls: int = 1000) -> tuple[Transport, Nap]:
    clock = FixedClock(NOW)
    nap = Nap(clock)
    return Transport(network or Network(), clock, purse(seconds, calls, clock), sleep=nap), nap


def lease(system: System, material: BearerToken | BasicAuth | None = None, api_base: str = "") -> Lease:
    held = material or BearerToken(Secret("t" + secrets.token_urlsafe(24)))
    until = NOW + timedelta(minutes=15)
    return Lease("1", system, held, "bot", "ana", "", NOW, until, until, LeaseKind.EPHEMERAL, "f" * 16, api_base)


def call(operation: str, params: dict[str, Any], **decided: Any) -> Call:
    """A call as the enforcement point makes it; `decided` replaces parameters for the resources alone."""
    declared = catalogue().get(operation)
    return Call("tool", declared, params, declared.resources({**params, **decided}))


def invoke(connector: Connector, operation: str, held: Lease | None = None, **params: Any) -> Reply:
    """One valid call, its answer checked against the declared shape."""
    wanted = call(operation, params)
    assert problem_of(operation, "params", wanted.operation.params, params) == ""
    reply = connector.invoke(wanted, held or lease(connector.system))
    assert problem_of(operation, "result", wanted.operation.result, reply.value) == ""
    return reply


def github_at(url: str, over: Transport | None = None) -> Connector:
    return github.connect(GithubConnection(url, EnvRef("X")), over or transport()[0])


def jira_at(url: str, over: Transport | None = None, deployment: str = "cloud", **fields: str) -> Connector:
    connection = JiraConnection(url, EnvRef("X"), JiraFields(**fields), deployment=deployment)
    return jira.connect(connection, over or transport()[0])


def slack_at(url: str, over: Transport | None = None, channel: str = "C0123456789") -> Connector:
    return slack.connect(SlackConnection(EnvRef("X"), channel, url), over or transport()[0])


Connect = Callable[..., Connector]
