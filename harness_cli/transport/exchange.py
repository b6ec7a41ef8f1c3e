"""Requests to addresses that the configuration names: OIDC, SCIM and token endpoints.

These are no tool calls: they carry identity and credentials. Rules: https (loopback apart), one host an exchange, no
redirects, no proxy or netrc from the environment, bounded time and size, JSON only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from harness_cli.config.model import Network
from harness_cli.core.errors import ConnectorError
from harness_cli.core.limits import CONNECT_SECONDS, REQUEST_SECONDS, RESPONSE_BYTES
from harness_cli.core.reasons import Reason

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status and its JSON object (empty where the body is none)."""

    status: int
    body: Mapping[str, Any]  # Any: JSON from an identity provider, read key by key


class Exchange(Protocol):
    """Sends one request; answers of any status come back, only failures to get one raise."""

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """GET. Raises ConnectorError."""
        ...

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST application/x-www-form-urlencoded. Raises ConnectorError."""
        ...

    def post_json(self, url: str, document: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST application/json. Raises ConnectorError."""
        ...

    def delete(self, url: str, *, headers: Mapping[str, str] | None = None, timeout: float = REQUEST_SECONDS) -> Answer:
        """DELETE. Raises ConnectorError."""
        ...


class HttpExchange:
    """The exchange over real HTTP."""

    def __init__(self, network: Network) -> None:
        import requests  # lazy: start-up of commands that never connect

        self._session = requests.Session()
        self._session.trust_env = False
        self._session.max_redirects = 0
        if network.proxy:
            self._session.proxies = {"https": network.proxy, "http": network.proxy}
        if network.ca_file:
            self._session.verify = network.ca_file

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        return self._send("GET", url, headers=headers, params=query)

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("POST", url, headers=headers, data=dict(form))

    def post_json(self, url: str, document: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("POST", url, headers=headers, json=dict(document))

    def delete(self, url: str, *, headers: Mapping[str, str] | None = None, timeout: float = REQUEST_SECONDS) -> Answer:
        return self._send("DELETE", url, headers=headers, timeout=timeout)

    def close(self) -> None:
        """Close the sockets."""
        self._session.close()

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        timeout: float = REQUEST_SECONDS,
        **body: Any,  # Any: keyword arguments of requests
    ) -> Answer:
        import requests
        import urllib3

        host = _host_of(url)
        sent = {"Accept": "application/json", **(headers or {})}
        try:
            with self._session.request(
                method,
                url,
                headers=sent,
                allow_redirects=False,
                stream=True,
                timeout=(CONNECT_SECONDS, timeout),
                **body,
            ) as response:
                raw = response.raw.read(RESPONSE_BYTES + 1, decode_content=True)
                return Answer(response.status_code, _json_object(response.status_code, raw, host))
        except urllib3.exceptions.HTTPError as err:  # the body is read beneath requests, which would translate it
            raise ConnectorError(
                f"the answer of {host} was cut off ({type(err).__name__})",
                reason=Reason.EXCEPTION,
                code="C114",
                place=host,
                help="try again; if it stays, check the network and `network.proxy`",
            ) from None
        except (requests.RequestException, OSError) as err:
            raise ConnectorError(
                f"{host} cannot be reached ({type(err).__name__})",
                reason=Reason.EXCEPTION,
                code="C102",
                place=host,
                help="check the address in the configuration, the network and `network.proxy`",
            ) from None  # the library's text may hold the address with its query


def _host_of(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host not in LOOPBACK:
        raise ConnectorError(
            f"address of {host or 'an endpoint'} is not https",
            reason=Reason.NOT_CONFIGURED,
            code="C103",
            help="http is accepted for loopback addresses only",
        )
    return f"{host}:{parts.port}" if parts.port else host


def _json_object(status: int, raw: bytes, host: str) -> Mapping[str, Any]:
    import json

    if len(raw) > RESPONSE_BYTES:
        raise ConnectorError(f"answer of {host} is too large", reason=Reason.TRUNCATED, code="C104", place=host)
    if not raw.strip():
        return {}
    if 300 <= status < 400:
        raise ConnectorError(
            f"{host} answered with a redirect, which is never followed",
            reason=Reason.EXCEPTION,
            code="C105",
            place=host,
        )
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as err:
        raise ConnectorError(
            f"{host} answered {status} with something that is not JSON",
            reason=Reason.EXCEPTION,
            code="C106",
            place=host,
            http_status=status,
            help="is this the address of the interface, or a login page?",
        ) from err
    return value if isinstance(value, dict) else {"items": value}
