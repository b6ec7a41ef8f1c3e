import pytest

from harness_cli.review.evaluators.cidr import AddressError, addresses, covers_world

WORLDS = [
    ["0.0.0.0/0"],
    ["::/0"],
    ["0.0.0.0/1", "128.0.0.0/1"],
    ["::/1", "8000::/1"],
    ["2000::/3"],
    ["0.0.0.0/1"],
    ["64.0.0.0/2"],
    ["8.0.0.0/8"],
    ["8.0.0.0/9", "8.128.0.0/9"],
    [f"9.{second}.0.0/16" for second in range(256)],
    ["10.0.0.0/8", "8.0.0.0/8"],
    ["0.0.0.0/000".replace("000", "0")],
    ["1.2.3.4/0"],
]
NARROW = [
    [],
    ["10.0.0.0/8"],
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
    ["203.0.113.7/32"],
    ["8.0.0.0/9"],
    ["0.0.0.0/8"],
    ["240.0.0.0/4", "224.0.0.0/4"],
    ["fc00::/7"],
    ["8000::/1"],
    ["2001:db8::/32"],
    ["2600:1f00::/24"],
]


@pytest.mark.parametrize("cidrs", WORLDS)
def test_the_world_is_seen_however_it_is_written(cidrs: list[str]) -> None:
    assert covers_world(cidrs)


@pytest.mark.parametrize("cidrs", NARROW)
def test_private_and_small_ranges_are_not_the_world(cidrs: list[str]) -> None:
    assert not covers_world(cidrs)


def test_set_algebra() -> None:
    left, right = addresses(["10.0.0.0/8"]), addresses(["10.128.0.0/9", "11.0.0.0/8"])
    assert left.minus(right) == addresses(["10.0.0.0/9"])
    assert left.common(right) == addresses(["10.128.0.0/9"])
    assert left.union(right) == addresses(["10.0.0.0/8", "11.0.0.0/8"])
    assert addresses(["0.0.0.0/0"]).is_whole_world
    assert not addresses(["8.0.0.0/8"]).is_whole_world


def test_nonsense_is_an_error_not_an_empty_set() -> None:
    with pytest.raises(AddressError):
        addresses(["everywhere"])
