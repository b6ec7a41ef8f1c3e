"""H015: an address that is not safe, or not the connector's."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.addresses import Address, addresses, imitates, is_vendor, vendor_of
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every address against what may stand there."""
    for address in addresses(subject):
        if not subject.is_sound(*address.path):
            continue
        fault = _fault(address) or _cloud_only(subject, address)
        if fault:
            yield Found(subject.value(*address.path), *fault)


def _fault(address: Address) -> tuple[str, str] | None:
    if address.path[-1] == "endpoint_url":
        if address.is_loopback:
            return None
        return f"`{address.host}` is not this machine", "endpoint_url is for stand-ins: use 127.0.0.1, or delete it"
    if not address.host:
        return "the address names no host", "write https://HOST"
    if address.is_loopback:
        return None
    if address.parts.username is not None:
        return "the address holds a user", "delete what stands before the `@`"
    if address.parts.scheme != "https" and address.path[-1] != "proxy":
        return f"`{address.host}` is called without TLS", "write https://; http:// is for 127.0.0.1 only"
    return _unexpected(address)


def _unexpected(address: Address) -> tuple[str, str] | None:
    host, system = address.host, address.path[1] if address.path[0] == "connections" else ""
    if system and imitates(host):
        return f"`{host}` is not of {imitates(host)}, only looks so", "write the vendor's own host"
    match system:
        case "github":
            return _github(address)
        case "jira" if vendor_of(host) not in {"", "atlassian.net", "atlassian.com"}:
            return f"`{host}` is not a Jira site", "write https://SITE.atlassian.net, or the host of your Data Center"
        case "slack" if not (is_vendor(host, "slack.com") or is_vendor(host, "slack-gov.com")):
            return f"`{host}` is not Slack", "delete the key: https://slack.com/api/ is the default"
        case _:
            return None


def _cloud_only(subject: Subject, address: Address) -> tuple[str, str] | None:
    """A service account of Jira Cloud whose secret would go to another host."""
    is_site = address.path == ("connections", "jira", "url")
    is_cloud = subject.has("connections", "jira", "credential", "oauth_client")
    if not (is_site and is_cloud) or address.is_loopback or vendor_of(address.host):
        return None
    return f"`{address.host}` is not Jira Cloud, which `oauth_client` is for", "write https://SITE.atlassian.net"


def _github(address: Address) -> tuple[str, str] | None:
    host, path = address.host, address.parts.path.rstrip("/")
    advice = "write https://api.github.com, or https://HOST/api/v3 for Enterprise Server"
    if host == "api.github.com" or (host.startswith("api.") and is_vendor(host, "ghe.com")):
        return (f"`{address.parts.path}` does not belong to the address", advice) if path else None
    if vendor_of(host) or path != "/api/v3":
        return f"`{host}{path}` is not an API of GitHub", advice
    return None


RULE = Rule(
    code="H015",
    severity=Severity.ERROR,
    title="address not https, or host not expected for the connector",
    why="A credential is sent to whatever host stands here. Only https is accepted, loopback apart, and a host that "
    "belongs to somebody else, or imitates a vendor, is refused.",
    mend="write the https address of the system itself",
    check=check,
)
