"""Address algebra: unions of ranges, IPv4 and IPv6, against the addresses that the Internet routes.

Strings are never compared: 0.0.0.0/1 with 128.0.0.0/1 is the world, and so is any other way to write it.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

Interval: TypeAlias = tuple[int, int]  # first and last address, both inside

WORLD_V4: Final = 2**24  # a /8 of public space
WORLD_V6: Final = 2**120  # the same share of the IPv6 space


class AddressError(ValueError):
    """Text that is no address range."""


@dataclass(frozen=True, slots=True)
class AddressSet:
    """A set of addresses as disjoint, ordered intervals."""

    v4: tuple[Interval, ...] = ()
    v6: tuple[Interval, ...] = ()

    def union(self, other: "AddressSet") -> "AddressSet":
        """Addresses of either."""
        return AddressSet(_merged((*self.v4, *other.v4)), _merged((*self.v6, *other.v6)))

    def minus(self, other: "AddressSet") -> "AddressSet":
        """Addresses of this one that the other lacks."""
        return AddressSet(_minus(self.v4, other.v4), _minus(self.v6, other.v6))

    def common(self, other: "AddressSet") -> "AddressSet":
        """Addresses of both."""
        return self.minus(self.minus(other))

    @property
    def public_v4(self) -> int:
        """How many publicly routed IPv4 addresses are inside."""
        return _size(self.common(public_space()).v4)

    @property
    def public_v6(self) -> int:
        """How many publicly routed IPv6 addresses are inside."""
        return _size(self.common(public_space()).v6)

    @property
    def is_world(self) -> bool:
        """Whether a /8 of the public space or more is inside."""
        return self.public_v4 >= WORLD_V4 or self.public_v6 >= WORLD_V6

    @property
    def is_whole_world(self) -> bool:
        """Whether every public address of a family is inside: what a default route covers."""
        left = public_space().minus(self)
        return not left.v4 or not left.v6


def addresses(cidrs: Iterable[str]) -> AddressSet:
    """The union of ranges. Raises AddressError."""
    return _addresses(tuple(cidrs))


def covers_world(cidrs: Iterable[str]) -> bool:
    """Whether the union of the ranges holds a /8 of the public space or more. Raises AddressError."""
    return addresses(cidrs).is_world


def is_range(text: str) -> bool:
    """Whether a text is an address or a range at all."""
    try:
        addresses((text,))
    except AddressError:
        return False
    return True


@lru_cache(maxsize=4096)
def _addresses(cidrs: tuple[str, ...]) -> AddressSet:
    v4: list[Interval] = []
    v6: list[Interval] = []
    for text in cidrs:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError as err:
            raise AddressError(f"not an address range: {text[:50]!a}") from err
        found = (int(network.network_address), int(network.broadcast_address))
        (v4 if network.version == 4 else v6).append(found)
    return AddressSet(_merged(tuple(v4)), _merged(tuple(v6)))


@lru_cache(maxsize=1)
def public_space() -> AddressSet:
    """What the Internet routes (IANA special-purpose registries taken out)."""
    return _addresses(("0.0.0.0/0", "2000::/3")).minus(_addresses(_SPECIAL))


_SPECIAL: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001:db8::/32",
    "3fff::/20",
)


def _merged(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    out: list[Interval] = []
    for first, last in sorted(intervals):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)


def _minus(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    out: list[Interval] = []
    for first, last in left:
        at = first
        for hole_first, hole_last in right:
            if hole_last < at or hole_first > last:
                continue
            if hole_first > at:
                out.append((at, hole_first - 1))
            at = hole_last + 1
        if at <= last:
            out.append((at, last))
    return tuple(out)


def _size(intervals: tuple[Interval, ...]) -> int:
    return sum(last - first + 1 for first, last in intervals)
