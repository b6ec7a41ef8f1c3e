"""The connection classes that PyGithub is given: each request goes through the session of the bound call."""

from typing import Any

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse

from harness_cli.transport.permit import current_flight


class _Guarded:
    """What both classes do; PyGithub sets what is to be sent, then asks for the answer."""

    protocol: str
    usual_port: int
    host: str
    port: int

    def __init__(self, host: str, port: int | None = None, *_: Any, **__: Any) -> None:  # Any: time, proxies: not heard
        self.host = host
        self.port = port or self.usual_port
        self._asked: tuple[str, str, Any, dict[str, str]] = ("GET", "/", None, {})

    def request(self, verb: str, url: str, input: Any, headers: dict[str, str], stream: bool = False) -> None:
        """Keep what is to be sent."""
        self._asked = (verb, url, input, headers)

    def getresponse(self) -> RequestsResponse:
        """Send it through the guard. Raises ConnectorError, UnauthorizedError, PolicyDeniedError."""
        verb, target, body, headers = self._asked
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = f"{self.protocol}://{host}:{self.port}{target}"
        with current_flight().session() as session:
            return RequestsResponse(session.request(verb, url, headers=headers, data=body, allow_redirects=False))

    def close(self) -> None:
        """Nothing is held."""


class GuardedHttpConnection(_Guarded, HTTPRequestsConnectionClass):
    """To a stand-in on this machine."""

    protocol = "http"
    usual_port = 80


class GuardedHttpsConnection(_Guarded, HTTPSRequestsConnectionClass):
    """To GitHub."""

    protocol = "https"
    usual_port = 443
