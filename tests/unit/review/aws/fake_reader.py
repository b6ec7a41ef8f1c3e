"""A reader that answers from a table and remembers what it was asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.reader import Ask

Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Any] | None


class FakeReader:
    """`answers` maps operations to values, functions of the parameters, or None for a refusal."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[Ask] = []
        self.rounds: list[int] = []

    def read(self, ask: Ask) -> Fact[Any]:
        self.asked.append(ask)
        seen = (Evidence("aws", ask.operation, "2026-11-24T12:00:00.000Z", len(self.asked), "sha256:00"),)
        answer = self.answers.get(ask.operation, {})
        if callable(answer):
            answer = answer(ask.params)
        if answer is None:
            return Unread(Reason.ACCESS_DENIED, "access denied", seen)
        return Known(answer, seen)

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:
        self.rounds.append(len(asks))
        return tuple(self.read(ask) for ask in asks)

    def operations(self) -> list[str]:
        return [ask.operation for ask in self.asked]
