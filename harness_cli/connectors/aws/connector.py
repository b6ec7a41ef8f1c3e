"""Carries out one operation of the closed list and hands back what its row keeps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from harness_cli.config.model import System
from harness_cli.connectors.aws.clients import Clients
from harness_cli.connectors.aws.errors import from_answer, from_client
from harness_cli.connectors.aws.projection import count, joined, owners, project
from harness_cli.connectors.base import Call, Reply
from harness_cli.core.errors import PolicyDeniedError
from harness_cli.core.limits import ITEMS, PAGES
from harness_cli.credentials.lease import AwsKeys, Lease
from harness_cli.policy.catalogue.aws import place
from harness_cli.policy.catalogue.aws_table import CALLS, AwsCall
from harness_cli.policy.model import Resource
from harness_cli.policy.regions import REGIONS
from harness_cli.transport.botocore_guard import BotocoreGuard, Flight, permit_for

_OK: Final = 200


class AwsConnector:
    """AWS, bound to one connection."""

    system = System.AWS

    def __init__(self, clients: Clients, guard: BotocoreGuard, endpoint_url: str = "") -> None:
        self._clients = clients
        self._guard = guard
        self._endpoint = endpoint_url

    def invoke(self, call: Call, lease: Lease) -> Reply:
        account = str(call.params["account"])
        if not isinstance(lease.material, AwsKeys) or lease.material.account != account:
            raise PolicyDeniedError(
                f"the credential is not one of account {account}",
                code="P009",
                help="`assume_role` takes `{account}` in its ARN, so that each account gets its own role",
            )
        return self.read(CALLS[call.operation.name], call.params, lease)

    def read(self, row: AwsCall, params: Mapping[str, Any], lease: Lease | None) -> Reply:  # Any: validated JSON
        """One read of the table. Raises ConnectorError, PolicyDeniedError."""
        account, region = str(params["account"]), str(params["region"])
        client = self._clients.client(row.client, region, lease)
        arguments = _arguments(row, params)
        permit = permit_for(
            row.action,
            row.client,
            row.service,
            row.operation,
            account=account,
            region=region,
            endpoint=self._endpoint,
            **arguments,
        )
        permit = replace(permit, speaks_json="json" in client.meta.service_model.metadata["protocol"])
        with self._guard.flight(permit) as flight:
            try:
                value, truncated = _pages(client, row, arguments, account)
            except ClientError as err:
                if err.response.get("Error", {}).get("Code") not in row.absent:
                    raise from_answer(row.permission, region, err) from None  # AWS's text may quote what was asked
                value, truncated = {}, False
            except (BotoCoreError, ResponseParserError) as err:
                raise from_client(row.action, region, err) from None
        return _reply(row, account, region, value, truncated, flight)

    def close(self) -> None:
        self._clients.close()
        self._guard.close()


def _arguments(row: AwsCall, params: Mapping[str, Any]) -> dict[str, Any]:  # Any: validated JSON
    pinned = {"$account": params["account"], "$region": params["region"]}
    fixed = {name: pinned.get(value, value) if isinstance(value, str) else value for name, value in row.pins.items()}
    given = {name: params[name] for name in (*row.takes, *row.may) if name in params}
    return {**given, **fixed}


def _pages(
    client: Any, row: AwsCall, arguments: Mapping[str, Any], account: str
) -> tuple[dict[str, Any], bool]:  # Any: botocore
    from botocore import xform_name

    method = xform_name(row.operation)
    if not client.can_paginate(method):
        return project(getattr(client, method)(**arguments), row.shape, account), False
    pages: list[dict[str, Any]] = []
    items = 0
    for page in client.get_paginator(method).paginate(**arguments):
        if len(pages) >= PAGES or items > ITEMS:
            return joined(pages), True
        pages.append(project(page, row.shape, account))
        items += count(pages[-1])
    return joined(pages), items > ITEMS


def _reply(row: AwsCall, account: str, region: str, value: dict[str, Any], truncated: bool, flight: Flight) -> Reply:
    return Reply(
        value=value,
        served=_served(owners(value, row.shape), account, region),
        size=flight.size,
        count=count(value),
        http_status=flight.status or _OK,
        requests=flight.requests,
        truncated=truncated,
    )


def _served(named: Any, account: str, region: str) -> tuple[Resource, ...]:  # Any: an iterator of text
    """The places that the answer says it is about; the call's own where it names none."""
    found = {(account, region): None}
    for text in named:
        head = text.split(":", 5)
        if len(head) == 6 and head[0] == "arn":
            found[(head[4] or account, head[3] if head[3] in REGIONS else region)] = None
        elif text.isdecimal():
            found[(text, region)] = None
    return tuple(place(*one) for one in found)
