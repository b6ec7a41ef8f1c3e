"""Wires the ports of one run: connectors and issuers over one guarded transport."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.config.model import Config, System
from harness_cli.connectors.base import Connector
from harness_cli.core.clock import Clock
from harness_cli.core.ids import TraceId
from harness_cli.core.principal import Principal
from harness_cli.credentials.issuer import Issuer
from harness_cli.credentials.sources import SecretSource
from harness_cli.identity.prove import Prover
from harness_cli.runtime.budget import RunBudget, RunDeadline
from harness_cli.runtime.issuers import IssuerParts, http_issuers


@dataclass(frozen=True, slots=True)
class Wiring:
    """The connectors of one run, and where their credentials come from."""

    config: Config
    clock: Clock
    prover: Prover
    trace_id: TraceId
    principal: Principal
    deadline: RunDeadline
    connectors: Mapping[System, Connector]

    def issuers(self, run_key: bytes, ticket: str) -> Mapping[System, Issuer]:
        """The issuer of each connected system."""
        source = SecretSource(self.config.folder, self.prover.environ)
        parts = IssuerParts(self.config, self.prover.exchange, source, self.clock)
        return {**http_issuers(parts), **self._aws(run_key, ticket)}

    def close(self) -> None:
        """Let go of every client."""
        for connector in self.connectors.values():
            connector.close()

    def _aws(self, run_key: bytes, ticket: str) -> Mapping[System, Issuer]:
        from harness_cli.credentials.aws import AwsIssuer, RunMark

        connection = self.config.connections.aws
        if connection is None:
            return {}
        mark = RunMark(self.principal.user_name, self.trace_id, ticket)
        return {System.AWS: AwsIssuer(connection, self.config.network, mark, deadline=self.deadline)}


def wire(
    config: Config,
    clock: Clock,
    budget: RunBudget,
    prover: Prover,
    trace_id: TraceId,
    principal: Principal,
) -> Wiring:
    """The wiring of one run; clients are made on first use."""
    deadline = RunDeadline(budget)
    return Wiring(config, clock, prover, trace_id, principal, deadline, _connectors(config, deadline))


def _connectors(config: Config, deadline: RunDeadline) -> Mapping[System, Connector]:
    from harness_cli.connectors import aws

    connections = config.connections
    found: dict[System, Connector] = {}
    if connections.aws is not None:
        found[System.AWS] = aws.connect(connections.aws, config.network, deadline)
    return found
