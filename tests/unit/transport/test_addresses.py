import pytest

from harness_cli.core.errors import ConnectorError
from harness_cli.transport.addresses import base_address, check_peer

GITHUB = base_address("https://api.github.com")
GHE = base_address("https://ghe.acme.example/api/v3/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "ftp://127.0.0.1",
        "https://",
        "https://user@api.github.com",
        "https://api.github.com?x=1",
        "https://api.github.com#x",
        "api.github.com",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        base_address(url)
    assert caught.value.code == "C103"


def test_http_is_accepted_for_this_machine() -> None:
    assert base_address("http://127.0.0.1:8080/api/").url == "http://127.0.0.1:8080/api"
    assert base_address("http://[::1]:8080").url == "http://[::1]:8080"
    assert base_address("https://API.github.com:443").url == "https://api.github.com"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://ghe.acme.example/api/v3/repos/a/b?x=1", "/repos/a/b?x=1"),
        ("https://ghe.acme.example:443/api/v3/repos/a/b", "/repos/a/b"),
        ("https://GHE.acme.example/api/v3/repos", "/repos"),
        ("https://ghe.acme.example/api/v3", None),
        ("https://ghe.acme.example/api/v33/repos", None),
        ("https://ghe.acme.example/repos", None),
        ("https://ghe.acme.example:444/api/v3/repos", None),
        ("http://ghe.acme.example/api/v3/repos", None),
        ("https://evil.example/api/v3/repos", None),
        ("https://ghe.acme.example@evil.example/api/v3/repos", None),
        ("https://ghe.acme.example:x/api/v3/repos", None),
        ("https://ghe.acme.example/api/v3/repos#x", "/repos"),
    ],
)
def test_only_what_lies_below_the_base_is_ours(url: str, target: str | None) -> None:
    assert GHE.target_of(url) == target


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:10.0.0.8",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)
def test_a_private_peer_is_refused(peer: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        check_peer(peer, GITHUB, allow_private=False)
    assert caught.value.code == "C109"


@pytest.mark.parametrize("peer", ["140.82.121.6", "2606:50c0:8000::64", "::ffff:140.82.121.6", "64:ff9b::8c52:7906"])
def test_a_public_peer_is_connected_to(peer: str) -> None:
    check_peer(peer, GITHUB, allow_private=False)


@pytest.mark.parametrize("peer", ["10.0.0.8", "192.168.1.1", "fd12::7"])
def test_private_networks_can_be_allowed(peer: str) -> None:
    check_peer(peer, GHE, allow_private=True)


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_this_machine_and_its_metadata_are_never_a_private_network(peer: str) -> None:
    with pytest.raises(ConnectorError):
        check_peer(peer, GHE, allow_private=True)


def test_a_stand_in_is_on_this_machine() -> None:
    check_peer("127.0.0.1", base_address("http://localhost:1"), allow_private=False)
    with pytest.raises(ConnectorError):
        check_peer("140.82.121.6", base_address("http://localhost:1"), allow_private=True)
