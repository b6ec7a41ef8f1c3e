"""Readers for tests of what collects facts: one from a table, one straight from connectors."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from harness_cli.config.model import System
from harness_cli.connectors.base import Connector
from harness_cli.core.errors import ConnectorError, PolicyDeniedError
from harness_cli.core.reasons import Reason
from harness_cli.credentials.lease import Lease
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.reader import Ask
from harness_cli.runtime.catalogue import catalogue
from harness_cli.runtime.shapes import problem_of
from tests.simulators.wired import invoke


def evidence(ask: Ask, seq: int) -> Evidence:
    return Evidence(ask.system.value, ask.operation, "2026-11-24T12:00:00.000Z", seq, "sha256:" + "0" * 64)


@dataclass
class TableReader:
    """Answers from a table of operation -> value, or function of the parameters; remembers what was asked."""

    table: dict[str, Any]
    asked: list[Ask] = field(default_factory=list)
    rounds: int = 0

    def read(self, ask: Ask) -> Fact[Any]:
        return self.read_all((ask,))[0]

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:
        self.rounds += bool(asks)
        return tuple(map(self._one, asks))

    def _one(self, ask: Ask) -> Fact[Any]:
        self.asked.append(ask)
        declared = catalogue().get(ask.operation)
        assert problem_of(ask.operation, "params", declared.params, ask.params) == ""
        answer = self.table.get(ask.operation, Unread(Reason.NOT_GRANTED, "not in the table"))
        if isinstance(answer, Callable):
            answer = answer(ask.params)
        if isinstance(answer, Unread):
            return answer
        assert problem_of(ask.operation, "result", declared.result, answer) == ""
        return Known(answer, (evidence(ask, len(self.asked)),))

    def operations(self) -> list[str]:
        return [ask.operation.split(":", 1)[1] for ask in self.asked]


@dataclass
class ConnectorReader:
    """Reads through connectors, without policy or trail; refusals become Unread as at the enforcement point."""

    connectors: Mapping[System, tuple[Connector, Lease]]
    asked: list[Ask] = field(default_factory=list)

    def read(self, ask: Ask) -> Fact[Any]:
        return self.read_all((ask,))[0]

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:
        with ThreadPoolExecutor(8) as pool:
            return tuple(pool.map(self._one, asks))

    def _one(self, ask: Ask) -> Fact[Any]:
        self.asked.append(ask)
        connector, lease = self.connectors[ask.system]
        try:
            reply = invoke(connector, ask.operation, lease, **ask.params)
        except PolicyDeniedError as err:
            return Unread(Reason.NOT_GRANTED, err.message)
        except ConnectorError as err:
            return Unread(err.reason, err.message)
        return Known(reply.value, (evidence(ask, len(self.asked)),))
