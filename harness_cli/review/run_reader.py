"""Reads facts through the enforcement point: answers become facts with evidence, refusals become Unread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import System
from harness_cli.core.clock import rfc3339
from harness_cli.core.errors import ConnectorError, HarnessError
from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.reader import Ask
from harness_cli.runtime.enforce import Answered, EnforcementPoint, Refused, Wanted


@dataclass(frozen=True, slots=True)
class RunReader:
    """The reader of one run; `tools` names the declared capabilities of each system, in the order of the file."""

    point: EnforcementPoint
    tools: Mapping[System, tuple[str, ...]]

    def read(self, ask: Ask) -> Fact[Any]:  # Any: the operation's result shape
        return self.read_all((ask,))[0]

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:  # Any: as above
        answers: list[Fact[Any]] = [_undeclared(ask) for ask in asks]
        waiting = {index: list(self.tools.get(ask.system, ())) for index, ask in enumerate(asks)}
        while True:
            # several tools of one system: the first one whose grant covers the call answers it
            turn = [(index, tools.pop(0)) for index, tools in waiting.items() if tools]
            if not turn:
                return tuple(answers)
            wanted = [Wanted(tool, asks[index].operation, asks[index].params) for index, tool in turn]
            for (index, _), answer in zip(turn, self.point.call_all(wanted), strict=True):
                answers[index] = fact_of(asks[index], answer)
                if not (isinstance(answer, Refused) and answer.decision is not None):
                    waiting[index].clear()


def fact_of(ask: Ask, answer: Answered | Refused) -> Fact[Any]:  # Any: as above
    """An answer as a fact: what was read, or why it was not."""
    evidence = Evidence(
        source=ask.system.value,
        call=ask.operation,
        at=rfc3339(answer.at),
        audit_seq=answer.seq,
        digest="sha256:" + answer.reply.sha256 if isinstance(answer, Answered) else "",
        region=str(ask.params.get("region", "")),
        account=str(ask.params.get("account", "")),
        failed=isinstance(answer, Refused) and service_failed(answer.error),
    )
    if isinstance(answer, Answered):
        return Known(answer.reply.value, (evidence,))
    return Unread(answer.reason, answer.error.message, (evidence,))


def service_failed(error: HarnessError) -> bool:
    """Whether a service was down, busy or senseless; a refusal, a thing that is not there and a bound are answers."""
    if not isinstance(error, ConnectorError) or error.reason not in {Reason.EXCEPTION, Reason.THROTTLED}:
        return False
    status = error.http_status or 0
    return error.reason is Reason.THROTTLED or not _ABOUT_THE_ASK <= status < _ABOUT_THE_SERVICE


_ABOUT_THE_ASK, _ABOUT_THE_SERVICE = 400, 500  # the statuses between them speak of what was asked for


def _undeclared(ask: Ask) -> Unread:
    return Unread(Reason.NOT_CONFIGURED, f"no tool for {ask.system} is declared")
