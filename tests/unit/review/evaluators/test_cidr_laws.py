"""Laws of the address algebra, against sets of single addresses and against the standard library."""

import ipaddress
import random

from hypothesis import given
from hypothesis import strategies as st

from harness_cli.review.evaluators.cidr import AddressSet, addresses

_LENGTH = {4: 32, 6: 128}
_START = {4: int(ipaddress.ip_address("9.8.7.0")), 6: int(ipaddress.ip_address("2600::"))}


@st.composite
def ranges(draw: st.DrawFn) -> str:
    """A range within a space of 64 addresses, host bits set or not."""
    version = draw(st.sampled_from([4, 6]))
    address = ipaddress.ip_address(_START[version] + draw(st.integers(0, 63)))
    return f"{address}/{_LENGTH[version] - draw(st.integers(0, 6))}"


SMALL = st.lists(ranges(), max_size=8)


def each(cidrs: list[str]) -> set[tuple[int, int]]:
    networks = [ipaddress.ip_network(cidr, strict=False) for cidr in cidrs]
    return {(network.version, int(address)) for network in networks for address in network}


def listed(found: AddressSet) -> set[tuple[int, int]]:
    families = ((4, found.v4), (6, found.v6))
    return {(v, n) for v, spans in families for first, last in spans for n in range(first, last + 1)}


@given(SMALL, SMALL)
def test_set_operations_are_those_of_sets_of_single_addresses(left: list[str], right: list[str]) -> None:
    a, b = addresses(left), addresses(right)
    assert listed(a.union(b)) == each(left) | each(right)
    assert listed(a.minus(b)) == each(left) - each(right)
    assert listed(a.common(b)) == each(left) & each(right)
    assert (a.public_v4, a.public_v6) == tuple(sum(v == want for v, _ in each(left)) for want in (4, 6))


@given(
    st.lists(
        st.builds(lambda n, bits: f"{ipaddress.IPv4Address(n)}/{bits}", st.integers(0, 2**32 - 1), st.integers(0, 32))
    )
)
def test_a_union_is_what_the_standard_library_collapses_to(cidrs: list[str]) -> None:
    networks = ipaddress.collapse_addresses(ipaddress.IPv4Network(cidr, strict=False) for cidr in cidrs)
    spans: list[tuple[int, int]] = []
    for first, last in ((int(one[0]), int(one[-1])) for one in networks):
        joins = bool(spans) and spans[-1][1] + 1 == first
        spans[-1:] = [(spans[-1][0], last)] if joins else [*spans[-1:], (first, last)]
    assert addresses(cidrs).v4 == tuple(spans)


@given(st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_world_is_seen_in_any_number_of_pieces(depth: int, order: random.Random) -> None:
    pieces = [str(one) for one in ipaddress.ip_network("0.0.0.0/0").subnets(depth)]
    order.shuffle(pieces)
    assert addresses(pieces).is_whole_world
    assert addresses(pieces[1:]).is_world
