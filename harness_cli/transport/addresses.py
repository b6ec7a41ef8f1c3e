"""Which addresses may be connected to: https to one named host, http to this machine only, no private networks.

The name is looked at when the configuration is read; the address that it resolved to is looked at again on the open
socket, before a byte is sent, so that a name cannot lead elsewhere (DNS rebinding).
"""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from harness_cli.core.errors import ConnectorError
from harness_cli.core.reasons import Reason

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class BaseAddress:
    """Where one system answers: everything below `path` on exactly this scheme, host and port."""

    scheme: str
    host: str
    port: int
    path: str  # without a trailing slash; empty at the top

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return self.host in LOOPBACK

    @property
    def shown(self) -> str:
        """Host, and the port where it is not the usual one."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as text, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def target_of(self, url: str) -> str | None:
        """Path and query of `url` below this address, as sent; None where it lies elsewhere."""
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        if (parts.scheme, parts.hostname, port) != (self.scheme, self.host, self.port) or "@" in parts.netloc:
            return None
        origin_length = len(parts.scheme) + len("://") + len(parts.netloc)
        target = url[origin_length:].split("#", 1)[0]
        return target.removeprefix(self.path) if target.startswith(self.path + "/") else None


def base_address(url: str) -> BaseAddress:
    """The address that a configuration or a credential names. Raises ConnectorError."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise _unusable(host, "is not https", "http is accepted for loopback addresses only")
    if not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise _unusable(host, "has parts that an address of a system never has", "write https://HOST/PATH")
    return BaseAddress(parts.scheme, host, parts.port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def _unusable(host: str, problem: str, help_text: str) -> ConnectorError:
    return ConnectorError(
        f"the address of {host or 'a system'} {problem}", reason=Reason.NOT_CONFIGURED, code="C103", help=help_text
    )


def check_peer(address: str, base: BaseAddress, *, allow_private: bool) -> None:
    """Refuse a connection whose other end is not on the public internet. Raises ConnectorError."""
    peer = _embedded(ipaddress.ip_address(address.split("%", 1)[0]))
    if base.is_loopback:
        if peer.is_loopback:
            return
    elif (peer.is_global and not peer.is_multicast) or (allow_private and _is_private_network(peer)):
        return
    raise ConnectorError(
        f"{base.shown} resolves to a private address, which is not connected to",
        reason=Reason.NOT_CONFIGURED,
        code="C109",
        place=base.shown,
        help="set `network.allow_private_hosts: true` where the system is inside your network",
    )


def _is_private_network(peer: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """A network of an organisation; never this machine, nor link-local (instance metadata lives there)."""
    return not (peer.is_loopback or peer.is_link_local or peer.is_multicast or peer.is_unspecified)


def _embedded(
    peer: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one carries, where it carries one."""
    if isinstance(peer, ipaddress.IPv4Address):
        return peer
    if peer in _NAT64:
        return ipaddress.IPv4Address(int(peer) & 0xFFFFFFFF)
    teredo = peer.teredo
    return peer.ipv4_mapped or peer.sixtofour or (teredo[1] if teredo else peer)
