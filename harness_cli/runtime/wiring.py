"""Wires the ports of one run: connectors and issuers over one guarded transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness_cli.config.model import Config, System
from harness_cli.connectors.base import Connector
from harness_cli.core.clock import Clock
from harness_cli.core.ids import TraceId
from harness_cli.core.principal import Principal
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issuer
from harness_cli.credentials.sources import SecretSource
from harness_cli.identity.prove import Prover
from harness_cli.runtime.budget import RunBudget
from harness_cli.runtime.issuers import IssuerParts, http_issuers
from harness_cli.transport.session import Transport


@dataclass(frozen=True, slots=True)
class Wiring:
    """The connectors of one run, and where their credentials come from."""

    config: Config
    clock: Clock
    prover: Prover
    trace_id: TraceId
    principal: Principal
    transport: Transport
    connectors: Mapping[System, Connector]

    def issuers(self, run_key: bytes, ticket: str, register: Callable[[Secret], None]) -> Mapping[System, Issuer]:
        """The issuer of each connected system; `register` is told every secret that they fetch."""
        source = SecretSource(self.config.folder, self.prover.environ, register)
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
        regions = _regions(self.config)
        return {System.AWS: AwsIssuer(connection, self.config.network, mark, regions, self.transport)}


def _regions(config: Config) -> tuple[str, ...]:
    """The regions that the AWS tools name exactly; none where a wildcard or a missing scope leaves them open."""
    scopes = [scope for tool in config.tools.values() if tool.connector is System.AWS for scope in tool.scopes or ({},)]
    named = [scope.get("region", ("*",)) for scope in scopes]
    found = {region for regions in named for region in regions}
    return () if any("*" in region for region in found) else tuple(sorted(found))


def wire(
    config: Config,
    clock: Clock,
    budget: RunBudget,
    prover: Prover,
    trace_id: TraceId,
    principal: Principal,
) -> Wiring:
    """The wiring of one run; clients are made on first use."""
    transport = Transport(config.network, clock, budget)
    return Wiring(config, clock, prover, trace_id, principal, transport, _connectors(config, transport))


def _connectors(config: Config, transport: Transport) -> Mapping[System, Connector]:
    from harness_cli.connectors import aws, github, jira, slack

    connections = config.connections
    found: dict[System, Connector] = {}
    if connections.jira is not None:
        found[System.JIRA] = jira.connect(connections.jira, transport)
    if connections.github is not None:
        found[System.GITHUB] = github.connect(connections.github, transport)
    if connections.aws is not None:
        found[System.AWS] = aws.connect(connections.aws, config.network, transport)
    if connections.slack is not None:
        found[System.SLACK] = slack.connect(connections.slack, transport)
    return found
