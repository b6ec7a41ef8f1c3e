"""The last look at what botocore sends: the closed list, one host, bounded answers (design: policy.md §5).

The contract, in order:
1. before parameters are read: the operation is the one that was decided, with exactly its arguments;
2. before the request is made: still that operation (a customisation of the SDK may add others: refused);
3. before it is sent: https to the one host of that service, region and account, or the loopback stand-in;
4. the answer: no redirect is followed, no more than 5 MiB are read, every chunk looks at the deadline;
5. only the retries of the SDK's own bounded mode; each one passes 3 and 4 again, and costs the run a call.
Proxies come from the configuration, never from the environment. Addresses from the environment are ignored.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from harness_cli.config.model import Network
from harness_cli.core.errors import ConnectorError, HarnessError, PolicyDeniedError, UnauthorizedError
from harness_cli.core.limits import CONNECT_SECONDS, REQUEST_SECONDS, RESPONSE_BYTES, RETRIES
from harness_cli.core.reasons import Reason
from harness_cli.policy.regions import GLOBAL_REGION

HOME_REGION: Final = "us-east-1"  # where the global services answer and are signed for
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_CHUNK: Final = 64 * 1024
_CONNECTIONS: Final = 16

_PREFIXES: Final = {  # boto3 client -> first label of its host, where they differ
    "accessanalyzer": "access-analyzer",
    "cloudwatch": "monitoring",
    "ecr": "api.ecr",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tagging",
}


class Bounds(Protocol):
    """What the run has left."""

    def remaining(self) -> float:
        """Seconds; zero or less: the run is over."""
        ...

    def may_repeat(self) -> bool:
        """Take what one more request for the same call costs; False where nothing is left."""
        ...


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A run without bounds of its own; each request keeps those of the client."""

    def remaining(self) -> float:
        return REQUEST_SECONDS

    def may_repeat(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Permit:
    """The one request that may leave now."""

    name: str  # as the closed list calls it, for messages
    service: str  # as in event names
    operation: str  # botocore's name
    host: str  # host, or host:port of the loopback stand-in
    scheme: str = "https"
    arguments: Mapping[str, Any] = field(default_factory=dict)  # Any: what was decided, as botocore takes it
    speaks_json: bool = False


@dataclass(slots=True)
class Flight:
    """What really happened under one permit: requests and bytes."""

    permit: Permit
    pages: int = 0  # calls of the client: one a page, however often its request is repeated
    requests: int = 0
    size: int = 0
    status: int = 0


_FLIGHT: ContextVar[Flight | None] = ContextVar("flight", default=None)


def host_of(client: str, region: str, account: str = "") -> str:
    """The one host at which a service answers. Raises PolicyDeniedError for a partition that is not supported."""
    home = HOME_REGION if region == GLOBAL_REGION else region
    if home.startswith(("us-iso", "eu-iso", "eusc")):
        raise PolicyDeniedError(f"region {home} is in a partition that is not supported", code="P008")
    suffix = "amazonaws.com.cn" if home.startswith("cn-") else "amazonaws.com"
    if client == "iam":
        return {"cn-": f"iam.cn-north-1.{suffix}", "us-gov-": f"iam.us-gov.{suffix}"}.get(
            next((start for start in ("cn-", "us-gov-") if home.startswith(start)), ""), f"iam.{suffix}"
        )
    if client == "s3control":
        return f"{account}.s3-control.{home}.{suffix}"
    return f"{_PREFIXES.get(client, client)}.{home}.{suffix}"


def permit_for(
    action: str,
    client: str,
    service: str,
    operation: str,
    /,  # an argument that is sent may have any of these names: DescribeCluster takes a `name`
    *,
    account: str,
    region: str,
    endpoint: str = "",
    **args: Any,
) -> Permit:
    """The permit of one call; with a stand-in's address its host is that address. `args` are what is sent."""
    if endpoint:
        parts = urlsplit(endpoint)
        host, scheme = parts.netloc, parts.scheme
    else:
        host, scheme = host_of(client, region, account), "https"
    return Permit(action, service, operation, host, scheme, args)


class BotocoreGuard:
    """Watches clients and carries their requests; one for each connection, safe for several threads."""

    def __init__(self, network: Network, bounds: Bounds | None = None) -> None:
        from botocore.httpsession import URLLib3Session

        proxies = {"https": network.proxy, "http": network.proxy} if network.proxy else {}
        self._bounds = bounds or Unbounded()
        options: dict[str, Any] = {"verify": network.ca_file or True, "timeout": (CONNECT_SECONDS, REQUEST_SECONDS)}
        self._session = URLLib3Session(proxies=proxies, max_pool_connections=_CONNECTIONS, **options)

    def watch(self, client: Any, *, carry: bool = True) -> Any:  # Any: botocore makes client classes at run time
        """Put the guard under a client and hand the client back.

        Without `carry` the client sends by itself, to addresses of its own, and only rules 1 and 2 hold.
        """
        events = client.meta.events
        events.register_first("provide-client-params.*.*", self._judge_arguments)
        events.register_first("before-call.*.*", self._judge_operation)
        events.register_first("before-send.*.*", self._carry if carry else _without_account_label)
        return client

    @contextlib.contextmanager
    def flight(self, permit: Permit) -> Iterator[Flight]:
        """Let one operation through while inside, on this thread; an error that ends it counts its requests."""
        flight = Flight(permit)
        token = _FLIGHT.set(flight)
        try:
            yield flight
        except HarnessError as err:
            err.requests = flight.requests
            raise
        finally:
            _FLIGHT.reset(token)

    def close(self) -> None:
        """Close the sockets; may be called twice."""
        self._session.close()

    def _judge_arguments(self, params: Mapping[str, Any], model: Any, **more: Any) -> None:  # Any: botocore's
        permit = _permitted(model).permit
        decided, sent = (
            {name: value for name, value in some.items() if name not in _PAGING} for some in (permit.arguments, params)
        )
        # by value: OwnerIds of a stranger has the name that was decided, and a bucket without its owner is anyone's
        other = decided.keys() ^ sent.keys() or {name for name, value in sent.items() if value != decided[name]}
        if other:
            raise _refusal(permit.name, f"the argument {min(other)} is not the one that was decided")

    def _judge_operation(self, model: Any, **more: Any) -> None:  # Any: botocore's
        _permitted(model).pages += 1

    def _carry(self, request: Any, event_name: str, **more: Any) -> Any:  # Any: botocore's request and response
        flight = _FLIGHT.get()
        _event, service, operation = event_name.split(".", 2)
        if flight is None or (flight.permit.service, flight.permit.operation) != (service, operation):
            raise _refusal(operation, "it is not on the closed list, or was not decided")
        _judge_address(flight.permit, request)
        if self._bounds.remaining() <= 0:
            raise ConnectorError("the run's time is over", reason=Reason.EXCEPTION, code="C108")
        if flight.requests >= flight.pages and not self._bounds.may_repeat():
            raise ConnectorError(
                f"{flight.permit.name} was not repeated: the run's budget of calls is spent",
                reason=Reason.THROTTLED,
                code="C116",
                http_status=flight.status,
            )
        flight.requests += 1
        request.stream_output = True  # the body is read here, bounded
        response = self._session.send(request)
        flight.status = response.status_code
        return self._bounded(flight, request, response)

    def _bounded(self, flight: Flight, request: Any, response: Any) -> Any:  # Any: botocore's
        from botocore.awsrequest import AWSResponse

        if 300 <= response.status_code < 400:
            raise ConnectorError(
                f"{flight.permit.name} was answered with a redirect, which is never followed",
                reason=Reason.EXCEPTION,
                code="C105",
                http_status=response.status_code,
            )
        body = b"".join(self._chunks(flight, response.raw))
        _judge_body(flight, response, body)
        flight.size += len(body)
        return AWSResponse(request.url, response.status_code, response.headers, _Whole(body))

    def _chunks(self, flight: Flight, raw: Any) -> Iterator[bytes]:  # Any: urllib3's response
        from urllib3.exceptions import HTTPError

        try:
            yield from self._bounded_chunks(flight, raw)
        except HTTPError as err:
            raise ConnectorError(
                f"the answer to {flight.permit.name} was cut off ({type(err).__name__})",
                reason=Reason.EXCEPTION,
                code="C114",
            ) from None

    def _bounded_chunks(self, flight: Flight, raw: Any) -> Iterator[bytes]:  # Any: urllib3's response
        size = 0
        for chunk in raw.stream(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > RESPONSE_BYTES:
                raw.close()
                raise ConnectorError(
                    f"the answer to {flight.permit.name} is too large", reason=Reason.TRUNCATED, code="C104"
                )
            if self._bounds.remaining() <= 0:
                raw.close()
                raise ConnectorError("the run's time is over", reason=Reason.EXCEPTION, code="C108")
            yield chunk


_PAGING: Final = frozenset(
    [
        "ContinuationToken",
        "ExclusiveStartTableName",
        "Marker",
        "NextToken",
        "PageSize",
        "PaginationToken",
        "nextToken",
    ]
)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A body that was read already, in the form in which botocore reads one."""

    body: bytes

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.body


@lru_cache(maxsize=1)
def _loader() -> Any:  # Any: botocore has no types
    """Descriptions of services are read once a process: EC2's alone takes a tenth of a second."""
    from botocore.loaders import Loader

    return Loader()


@lru_cache(maxsize=1)
def _handlers() -> Any:  # Any: botocore has no types
    """The library's own handlers, registered once: a copy costs a session a fifth of what registering them does."""
    from botocore.hooks import HierarchicalEmitter
    from botocore.session import Session

    hooks = HierarchicalEmitter()
    Session(event_hooks=hooks)
    return hooks


def isolated_session(credentials_file: str = "", *, chain: bool = False) -> Any:  # Any: botocore has no types
    """A botocore session that no environment variable and no file configures.

    With `chain` the usual files and variables give credentials, and still no address, proxy or data path.
    """
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider
    from botocore.session import Session

    session = Session(event_hooks=copy(_handlers()), include_builtin_handlers=False)
    session.register_component("data_loader", _loader())
    store = session.get_component("config_store")
    for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        if not (chain and name in _CHAIN_VARIABLES):
            quiet = os.devnull if name in {"config_file", "credentials_file"} else default
            store.set_config_provider(name, ConstantProvider(quiet))
    if credentials_file:
        store.set_config_provider("credentials_file", ConstantProvider(credentials_file))
    store.set_config_provider("ignore_configured_endpoint_urls", ConstantProvider(True))
    return session


_CHAIN_VARIABLES: Final = frozenset(
    [
        "config_file",
        "credentials_file",
        "ec2_metadata_v1_disabled",
        "metadata_service_num_attempts",
        "metadata_service_timeout",
        "profile",
        "region",
    ]
)


def client_config(network: Network) -> Any:  # Any: botocore has no types
    """How every client behaves: bounded retries, path addresses, no endpoint from the environment."""
    from botocore.config import Config

    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": REQUEST_SECONDS,
        "retries": {"total_max_attempts": RETRIES, "mode": "standard"},
        "proxies": {"https": network.proxy, "http": network.proxy} if network.proxy else {},
        "ignore_configured_endpoint_urls": True,
        "use_dualstack_endpoint": False,
        "use_fips_endpoint": False,
        "account_id_endpoint_mode": "disabled",
        "s3": {
            "addressing_style": "path",
            "us_east_1_regional_endpoint": "regional",
            "use_arn_region": False,
            "use_accelerate_endpoint": False,
        },
        "user_agent_extra": "harness",
    }
    return Config(**settings)


def _permitted(model: Any) -> Flight:  # Any: botocore's operation model
    flight = _FLIGHT.get()
    service = model.service_model.service_id.hyphenize()
    if flight is None or (flight.permit.service, flight.permit.operation) != (service, model.name):
        raise _refusal(f"{service}:{model.name}", "it is not on the closed list, or was not decided")
    return flight


def _judge_address(permit: Permit, request: Any) -> None:  # Any: botocore's prepared request
    _without_account_label(request)
    parts = urlsplit(request.url)
    host = parts.netloc
    loopback = (urlsplit(f"//{permit.host}").hostname or "") in LOOPBACK
    if host != permit.host or parts.scheme != permit.scheme or (permit.scheme != "https" and not loopback):
        raise _refusal(permit.name, f"its request goes to {host[:100]!a} instead of {permit.host}")


def _judge_body(flight: Flight, response: Any, body: bytes) -> None:  # Any: botocore's response
    """A page or half an answer is no answer: botocore would read either as an empty one."""
    name, status = flight.permit.name, response.status_code
    if body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        if status < 300 or status in {401, 403}:  # a portal in between wants somebody to sign in
            raise UnauthorizedError(
                f"{name} was answered with a page, not by AWS",
                reason=Reason.ACCESS_DENIED,
                http_status=status,
                help="is there a proxy or a portal in between? see `network.proxy`",
            )
        raise ConnectorError(  # a stand-in that lacks the operation; asking again would not help
            f"{name} was answered with a page, not by AWS",
            reason=Reason.UNSUPPORTED_API,
            code="C112",
            http_status=status,
        )
    declared = str(response.headers.get("content-length", ""))
    if declared.isdecimal() and int(declared) != len(body):
        raise ConnectorError(f"the answer to {name} was cut off", reason=Reason.EXCEPTION, code="C114")
    if status < 300 and not (_is_json_object(body) if flight.permit.speaks_json else body.strip()):
        raise ConnectorError(f"the answer to {name} is none of AWS", reason=Reason.EXCEPTION, code="C106")


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _without_account_label(request: Any, **_: Any) -> None:  # Any: botocore's prepared request
    """S3 Control puts the account before the host; a stand-in on a loopback address has no such name."""
    parts = urlsplit(request.url)
    account, _dot, host = parts.netloc.partition(".")
    if account.isdecimal() and len(account) == 12 and urlsplit(f"//{host}").hostname in LOOPBACK:
        request.url = parts._replace(netloc=host).geturl()


def _refusal(name: str, why: str) -> PolicyDeniedError:
    return PolicyDeniedError(
        f"{name} is not sent: {why}",
        code="P013",
        help="only the operations that `harness explain aws` lists can be sent",
    )
