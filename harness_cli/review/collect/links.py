"""References in text from outside: they become arguments only when they match whole, on our host, in the scope."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from harness_cli.config.model import Config, System
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.facts import LinkedPull, PullRef
from harness_cli.transport.addresses import LOOPBACK

MOST_PULLS: Final = 20  # pull requests that one ticket may lead to

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]()]{1,2000}", re.IGNORECASE)
_TRAILING: Final = ".,;:!?*_~"
_PULL_PATH: Final = re.compile(
    r"/([A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100})/pull/([1-9][0-9]{0,8})(?:/[a-z0-9/_-]*)?", re.ASCII
)
_PULL_LIKE: Final = re.compile(r"/(?:pulls?|merge_requests|pull-requests)(?:/|\Z)")
_KEY: Final = re.compile(r"(?<![A-Za-z0-9_-])([A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,9})(?![A-Za-z0-9_])", re.ASCII)
_STANDARDS: Final = frozenset(
    ["AES", "CC", "CIS", "CVE", "CWE", "GB", "HTTP", "IEC", "ISO", "PEP", "RFC", "RSA", "SHA", "TLS", "UTF"]
)


def web_host(config: Config) -> str:
    """The host of pull requests' browser addresses; empty where GitHub is not connected."""
    connection = config.connections.github
    if connection is None:
        return ""
    host = (urlsplit(connection.url).hostname or "").lower()
    if host == "api.github.com" or host in LOOPBACK:  # a stand-in shows github.com's addresses
        return "github.com"
    return host.removeprefix("api.") if host.endswith(".ghe.com") else host


def addresses(text: Untrusted | None) -> Iterator[str]:
    """The web addresses in a text, without the punctuation that follows them."""
    for found in _ADDRESS.finditer(text.for_parser() if text else ""):
        yield found[0].rstrip(_TRAILING)


def linked_pulls(
    found: Iterable[tuple[str, str]], host: str, in_scope: Callable[[PullRef], bool]
) -> tuple[LinkedPull, ...]:
    """The pull requests behind (address, source) pairs, each once; other addresses are left out."""
    links = (_linked(address, source, host, in_scope) for address, source in found)
    return tuple({(link.ref or object(), link.host_is_ours): link for link in links if link}.values())


def _linked(address: str, source: str, host: str, in_scope: Callable[[PullRef], bool]) -> LinkedPull | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if _PULL_LIKE.search(parts.path) is None:
        return None
    if (parts.hostname or "").lower() != host:
        return LinkedPull(None, source, host_is_ours=False, in_scope=False)
    path = _PULL_PATH.fullmatch(parts.path)
    if path is None or parts.scheme.lower() != "https" or port is not None or "@" in parts.netloc:
        return LinkedPull(None, source, in_scope=False)
    ref = PullRef(path[1].lower(), int(path[2]))
    return LinkedPull(ref, source, in_scope=in_scope(ref))


def ticket_keys(title: Untrusted | None, branch: str, body: Untrusted | None, config: Config) -> tuple[str, ...]:
    """The keys that a pull request names, each once: title, branch, body.

    A branch may write a key in small letters, if its project is one that the scope names.
    """
    projects = scope_projects(config)
    in_branch = _KEY.findall(branch.replace("_", "/"))
    folded = [key for key in _KEY.findall(branch.upper().replace("_", "/")) if key.split("-")[0] in projects]
    texts = [key for text in (title, body) if text for key in _KEY.findall(text.for_parser())]
    keys = [*_KEY.findall(title.for_parser() if title else ""), *in_branch, *folded, *texts]
    return tuple(dict.fromkeys(key for key in keys if key.split("-")[0] not in _STANDARDS - projects))


def scope_projects(config: Config) -> frozenset[str]:
    """The projects that the scopes of Jira tools name without a wildcard."""
    patterns = _patterns(config, System.JIRA, "project-key")
    return frozenset(project for pattern in patterns if "*" not in (project := pattern.split("-", 1)[0]))


def scope_repositories(config: Config) -> tuple[str, ...]:
    """The repositories that the scopes of GitHub tools name without a wildcard."""
    return tuple(dict.fromkeys(p.lower() for p in _patterns(config, System.GITHUB, "repo") if "*" not in p))


def _patterns(config: Config, system: System, key: str) -> Iterator[str]:
    for tool in config.tools.values():
        if tool.connector is system:
            for clauses in tool.scopes:
                yield from clauses.get(key, ())
