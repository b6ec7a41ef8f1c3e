"""Addresses of a configuration: which there are, and what may stand in them."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from harness_cli.config.document import scalars
from harness_cli.config.model import KeyPath
from harness_cli.lint.subject import Subject

_ADDRESS_KEYS: Final = frozenset({"url", "issuer", "token_url", "endpoint_url", "proxy"})
_VENDORS: Final = ("github.com", "atlassian.net", "atlassian.com", "slack.com", "amazonaws.com")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the file."""

    path: KeyPath
    text: str
    parts: SplitResult

    @property
    def host(self) -> str:
        """The host in lower case."""
        return (self.parts.hostname or "").rstrip(".")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def addresses(subject: Subject) -> Iterator[Address]:
    """Every address of a file that can be taken apart."""
    for path, node in scalars(subject.document.root):
        if path and path[-1] in _ADDRESS_KEYS and isinstance(node.value, str):
            try:
                parts = urlsplit(node.value)
                _ = parts.port  # malformed ports are refused here, not later
            except ValueError:
                continue
            yield Address(path, node.value, parts)


def is_vendor(host: str, vendor: str) -> bool:
    """Whether a host belongs to a vendor."""
    return host == vendor or host.endswith("." + vendor)


def imitates(host: str) -> str:
    """The vendor whose name a foreign host carries; empty where none."""
    return next((v for v in _VENDORS if v in host and not is_vendor(host, v)), "")


def vendor_of(host: str) -> str:
    """The vendor that a host belongs to; empty where none."""
    return next((v for v in _VENDORS if is_vendor(host, v)), "")
