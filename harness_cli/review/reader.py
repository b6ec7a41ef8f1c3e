"""The port through which a review reads: the enforcement point behind it decides, leases, records, calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness_cli.config.model import System
from harness_cli.review.evidence import Fact


@dataclass(frozen=True, slots=True)
class Ask:
    """One read that a review wants. AWS parameters always hold `account` and `region` beside the call's own."""

    system: System
    operation: str
    params: Mapping[str, Any]  # Any: JSON, validated by the operation's schema


class Reader(Protocol):
    """Reads facts under control.

    An answer that cannot be had is `Unread` (denied, not granted, throttled, cut, truncated …), never an exception.
    Raised are only: AuditError (nothing may be called any more) and interrupts.
    """

    def read(self, ask: Ask) -> Fact[Any]:  # Any: the operation's result shape
        """One answer."""
        ...

    def read_all(self, asks: Sequence[Ask]) -> tuple[Fact[Any], ...]:  # Any: as above
        """Independent answers, read side by side, in the order of the asks."""
        ...
