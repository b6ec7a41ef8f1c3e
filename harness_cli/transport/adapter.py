"""The one place where HTTP of the client libraries leaves the process: guarded, bounded, counted.

Mounted under every client that speaks `requests` (imported lazily, with its client). The contract for each request:
1. A decided call is bound to this thread, and `wire_guard` finds the request in it; else nothing is sent.
2. Headers are rebuilt from a short list; the credential comes from the lease alone, cookies never leave.
3. The proxy and the authorities are those of the configuration; the other end is no private address.
4. The answer is read in pieces under one deadline; no redirect is followed; what is no JSON is an error.
5. Reads are repeated a few times after throttling, server errors and cut connections; writes never.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as WireTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

from harness_cli import __version__
from harness_cli.config.model import Action, Network
from harness_cli.core.errors import ConnectorError, HarnessError
from harness_cli.core.limits import CONNECT_SECONDS, REQUEST_SECONDS, RESPONSE_BYTES, RETRIES
from harness_cli.transport import faults, pacing, strict_json
from harness_cli.transport.addresses import check_peer
from harness_cli.transport.permit import HttpFlight, current_flight
from harness_cli.transport.wire_guard import READING, check_request

_CONNECTIONS: Final = 16
_CHUNK: Final = 64 * 1024
_PASSED_ON: Final = ("Accept", "Content-Type", "Content-Length", "X-GitHub-Api-Version")


@dataclass(frozen=True, slots=True)
class Pace:
    """The run's time, as the adapter sees it."""

    remaining: Callable[[], float]  # seconds left of the run
    ticks: Callable[[], float]  # a monotonic clock
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    may_retry: Callable[[], bool]  # takes one from the run's retries, and one call from its budget


class GuardedAdapter(HTTPAdapter):
    """Sends what `wire_guard` lets pass, and nothing else; safe to share between threads."""

    def __init__(self, network: Network, pace: Pace) -> None:
        self._network = network
        self._pace = pace
        self._verify: bool | str = network.ca_file or True
        self._proxies = {"https": network.proxy, "http": network.proxy} if network.proxy else {}
        super().__init__(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=_tls(), **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._check_socket)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:  # Any: as the library declares it
        return super().proxy_manager_for(proxy, ssl_context=_tls(), **proxy_kwargs)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:  # what the library's caller says about time, authorities and proxies is not heard
        flight = current_flight()
        method, url, body = request.method or "", request.url or "", _bytes(request.body)
        found = check_request(flight.permit, method, url, body, request.headers.get("Content-Type") or "")
        attempt = _Attempt(self, flight, _rebuilt(request, flight), found.shape.method + " " + found.shape.path)
        is_read = flight.permit.operation.action is Action.READ and method in READING
        return attempt.response(attempts=RETRIES + 1 if is_read else 1)

    def transmit(self, request: requests.PreparedRequest) -> requests.Response:
        """One request on the wire, its body still unread."""
        read = max(min(REQUEST_SECONDS, self._pace.remaining()), 0.001)
        connect = min(CONNECT_SECONDS, read)
        proxies = {} if current_flight().permit.base.is_loopback else self._proxies
        return super().send(request, stream=True, timeout=(connect, read), verify=self._verify, proxies=proxies)

    @property
    def pace(self) -> Pace:
        """The run's time."""
        return self._pace

    def _check_socket(self, address: str) -> None:
        check_peer(address, current_flight().permit.base, allow_private=self._network.allow_private_hosts)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One request, sent until it is answered or given up."""

    adapter: GuardedAdapter
    flight: HttpFlight
    request: requests.PreparedRequest
    shape: str

    def response(self, attempts: int) -> requests.Response:
        """The answer, read whole and checked. Raises ConnectorError, UnauthorizedError, PolicyDeniedError."""
        permit, pace = self.flight.permit, self.adapter.pace
        number = 0
        while True:
            if pace.remaining() <= 0:
                raise faults.time_over(permit, self.shape)
            again_allowed = number + 1 < attempts
            try:
                response, body = self._once()
            except ConnectorError as err:
                if err.code != CUT or not again_allowed or not pace.may_retry():
                    raise
                self._wait(pacing.pause_of(number, {}, pace.now()), err)
            else:
                again = response.status_code in pacing.AGAIN or pacing.is_throttled(
                    response.status_code, response.headers
                )
                if not again:
                    return self._judged(response, body)
                error, pause = self._refusal(response, body, number)
                if not again_allowed or not pace.may_retry():
                    raise error
                self._wait(pause, error)
            number += 1

    def _refusal(self, response: requests.Response, body: bytes, number: int) -> tuple[ConnectorError, pacing.Pause]:
        permit, status = self.flight.permit, response.status_code
        pause = pacing.pause_of(number, response.headers, self.adapter.pace.now())
        if pacing.is_throttled(status, response.headers):
            return faults.throttled(permit, self.shape, status, pause.until if pause.asked else None), pause
        return faults.from_status(permit, self.shape, status, response.headers), pause

    def _wait(self, pause: pacing.Pause, error: ConnectorError) -> None:
        if pause.seconds >= self.adapter.pace.remaining():
            raise error
        self.adapter.pace.sleep(pause.seconds)

    def _once(self) -> tuple[requests.Response, bytes]:
        flight = self.flight
        flight.requests += 1
        try:
            response = self.adapter.transmit(self.request)
            with response:
                body = self._body(response)
        except HarnessError:
            raise
        except (requests.RequestException, HTTPError, OSError) as err:
            raise self._unanswered(err) from None  # the library's texts hold addresses and queries
        flight.landed(response.status_code, body)
        return response, body

    def _body(self, response: requests.Response) -> bytes:
        pace, until = self.adapter.pace, self.adapter.pace.ticks() + 3 * REQUEST_SECONDS
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > RESPONSE_BYTES:
                raise faults.too_large(self.flight.permit, self.shape)
            if pace.remaining() <= 0:
                raise faults.time_over(self.flight.permit, self.shape)
            if pace.ticks() > until:
                raise faults.unreachable(self.flight.permit, self.shape, "answers too slowly")
        return b"".join(pieces)

    def _unanswered(self, err: Exception) -> ConnectorError:
        permit, shape = self.flight.permit, self.shape
        causes = tuple(_causes(err))
        if any(isinstance(cause, requests.exceptions.SSLError) for cause in causes):
            help_text = "is the certificate of an authority of your own? name it in `network.ca_file`"
            return faults.unreachable(
                permit, shape, "has a certificate that cannot be trusted", code="C115", help_text=help_text
            )
        if any(isinstance(cause, requests.exceptions.Timeout | WireTimeoutError | TimeoutError) for cause in causes):
            return faults.unreachable(permit, shape, "does not answer in time")
        if any(type(cause).__name__ in _CUT_BY for cause in causes):
            return faults.unreachable(permit, shape, "cut the connection", code=CUT)
        if any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes):
            return faults.unreachable(permit, shape, "cannot be reached through the proxy")
        return faults.unreachable(permit, shape, "cannot be reached")

    def _judged(self, response: requests.Response, body: bytes) -> requests.Response:
        permit, status, shape = self.flight.permit, response.status_code, self.shape
        if 300 <= status < 400:
            raise faults.redirected(permit, shape, status, response.headers.get("Location", ""))
        if status >= 400:
            self.flight.refusal = body
            raise faults.from_status(permit, shape, status, response.headers)
        if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
            raise faults.unauthorized(permit, shape, status, "took us for nobody")
        if status != 200:
            raise faults.not_json(permit, shape, status, "it is not the answer that was due", body)
        try:
            strict_json.loads(body)
        except strict_json.NotStrictJsonError as err:
            raise faults.not_json(permit, shape, status, str(err), body) from err
        return _whole(response, body)


CUT: Final = "C114"
_CUT_BY: Final = frozenset(
    {"ProtocolError", "IncompleteRead", "RemoteDisconnected", "ConnectionResetError", "BrokenPipeError", "DecodeError"}
)


def _causes(err: BaseException) -> list[BaseException]:
    """An error, what it wraps, and what these wrap."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [err]
    while waiting and len(found) < 20:
        current = waiting.pop(0)
        found.append(current)
        inner = [current.__cause__, getattr(current, "reason", None), *current.args]
        waiting += [one for one in inner if isinstance(one, BaseException) and one not in found]
    return found


def _bytes(body: object) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
        case _:
            raise TypeError(f"a request body of type {type(body).__name__} cannot be looked at")


def _rebuilt(request: requests.PreparedRequest, flight: HttpFlight) -> requests.PreparedRequest:
    """The request with our headers; the client's copy never sees the credential."""
    copy = request.copy()
    kept: Mapping[str, str] = {name: value for name in _PASSED_ON if (value := request.headers.get(name)) is not None}
    copy.headers = CaseInsensitiveDict(kept)
    copy.headers["Accept-Encoding"] = "gzip"
    copy.headers["User-Agent"] = f"harness/{__version__}"
    copy.headers["Authorization"] = flight.permit.authorization.reveal()
    return copy


def _whole(response: requests.Response, body: bytes) -> requests.Response:
    """An answer whose body is there, without a way back to our request."""
    whole = requests.Response()
    whole.status_code = response.status_code
    whole.url = response.url
    whole.reason = response.reason
    whole.headers = response.headers
    whole.encoding = "utf-8"
    whole.raw = response.raw
    whole.request = requests.Request(response.request.method, response.request.url).prepare()
    whole._content = body  # noqa: SLF001 - requests has no public way to give a body that was read already
    whole._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    whole.headers.pop("Content-Encoding", None)
    return whole


def _tls() -> Any:  # Any: an SSLContext
    import ssl

    context = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2, cert_reqs=ssl.CERT_REQUIRED)
    context.load_default_certs()
    return context


def _pools(check: Callable[[str], None]) -> dict[str, Any]:
    """Pools whose connections look at the other end before anything is sent."""

    class CheckedHTTPConnection(HTTPConnection):
        def _new_conn(self) -> Any:
            return _checked(super()._new_conn(), check)

    class CheckedHTTPSConnection(HTTPSConnection):
        def _new_conn(self) -> Any:
            return _checked(super()._new_conn(), check)

    class CheckedHTTPPool(HTTPConnectionPool):
        ConnectionCls = CheckedHTTPConnection

    class CheckedHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = CheckedHTTPSConnection

    return {"http": CheckedHTTPPool, "https": CheckedHTTPSPool}


def _checked(sock: Any, check: Callable[[str], None]) -> Any:  # Any: a socket
    try:
        check(sock.getpeername()[0])
    except BaseException:
        sock.close()
        raise
    return sock
