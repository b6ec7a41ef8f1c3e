"""The transport of one run: sessions for the client libraries, one deadline, one purse of retries."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from harness_cli.config.model import Network
from harness_cli.core.clock import Clock
from harness_cli.core.limits import REQUEST_SECONDS
from harness_cli.policy.model import Budget

if TYPE_CHECKING:
    import requests

    from harness_cli.transport.adapter import GuardedAdapter

RUN_RETRIES: Final = 60


class Purse(Protocol):
    """What the run may still spend."""

    def left(self) -> Budget:
        """What is left now."""
        ...

    def reserve_call(self) -> bool:
        """Take one call; False where none is left."""
        ...


class Transport:
    """Made once a run; hands out sessions that can send nothing but decided calls (see `adapter`, `permit`)."""

    def __init__(
        self,
        network: Network,
        clock: Clock,
        budget: Purse,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.network = network
        self._clock = clock
        self._budget = budget
        self._sleep = sleep
        self._retries_left = RUN_RETRIES
        self._adapter: GuardedAdapter | None = None
        self._lock = threading.Lock()

    def remaining(self) -> float:
        """Seconds left of the run; an unbounded one leaves a request its own bounds."""
        left = self._budget.left().seconds_left
        return 3 * REQUEST_SECONDS if left is None else left

    def may_repeat(self) -> bool:
        """Take a call from the budget for a request that is sent again; False where none is left."""
        return self._budget.reserve_call()

    def session(self) -> "requests.Session":
        """A session whose every request passes the guard; cheap, for one thread."""
        import requests

        session = requests.Session()
        self.guard(session)
        return session

    def guard(self, session: "requests.Session") -> None:
        """Put the guard under a session that a client library made."""
        adapter = self.adapter()
        session.trust_env = False
        session.auth = _unchanged  # keeps the library from looking for a netrc file
        session.max_redirects = 0
        session.adapters.clear()
        session.mount("https://", adapter)
        session.mount("http://", adapter)

    def adapter(self) -> "GuardedAdapter":
        """The shared adapter; the library is loaded on first use."""
        with self._lock:
            if self._adapter is None:
                from harness_cli.transport.adapter import GuardedAdapter, Pace

                pace = Pace(self.remaining, self._clock.monotonic, self._clock.now, self._sleep, self._may_retry)
                self._adapter = GuardedAdapter(self.network, pace)
            return self._adapter

    def close(self) -> None:
        """Close the sockets."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()
                self._adapter = None

    def _may_retry(self) -> bool:
        with self._lock:
            self._retries_left -= 1
            left = self._retries_left
        return left >= 0 and self.may_repeat()


def _unchanged(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    return request
