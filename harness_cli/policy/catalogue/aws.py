"""AWS operations as the engine, the wire guard and the connector share them."""

from collections.abc import Mapping
from typing import Any, Final

from harness_cli.config.model import Action, System
from harness_cli.policy.catalogue.aws_shape import result_schema
from harness_cli.policy.catalogue.aws_table import CALLS, GROUPS, AwsCall, Placement
from harness_cli.policy.model import Resource, ResourceType
from harness_cli.policy.operations import Operation, Params
from harness_cli.policy.regions import GLOBAL_REGION, REGIONS

_SAFE: Final = r"^[A-Za-z0-9_+=,.@/:$#~!-]{1,2048}$"
_ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {  # Any: JSON Schema
    "Bucket": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"},  # a name, never an ARN
    "UserName": {"type": "string", "pattern": r"^[A-Za-z0-9_+=,.@-]{1,128}$"},
    "AccessKeyId": {"type": "string", "pattern": r"^[A-Z0-9]{16,128}$"},
    "SnapshotId": {"type": "string", "pattern": r"^snap-[0-9a-f]{8,17}$"},
    "PrefixListId": {"type": "string", "pattern": r"^pl-[0-9a-f]{8,17}$"},
    "DetectorId": {"type": "string", "pattern": r"^[A-Za-z0-9]{1,300}$"},
    "FindingIds": {
        "type": "array",
        "items": {"type": "string", "pattern": r"^[A-Za-z0-9]{1,300}$"},
        "minItems": 1,
        "maxItems": 50,
    },
    "FunctionName": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,140}$"},  # a name: the long form names an account
    "RestorableByUserIds": {"const": ["all"]},  # narrows to what is public; whose it is stays pinned
    "LoadBalancerName": {"type": "string", "pattern": r"^[A-Za-z0-9-]{1,32}$"},
    "QueueUrl": {"type": "string", "pattern": r"^https?://[A-Za-z0-9.:-]{1,253}/[0-9]{12}/[A-Za-z0-9_.-]{1,80}$"},
}

_REGIONS: Final[Mapping[Placement, frozenset[str]]] = {
    Placement.REGIONAL: REGIONS - {GLOBAL_REGION},
    Placement.GLOBAL: frozenset({GLOBAL_REGION}),
    Placement.EITHER: REGIONS,
}


def _params(call: AwsCall) -> Mapping[str, Any]:  # Any: JSON Schema
    regions = sorted(_REGIONS[call.placement])
    own = {name: _ARGUMENTS.get(name, {"type": "string", "pattern": _SAFE}) for name in (*call.takes, *call.may)}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["account", "region", *call.takes],
        "properties": {
            "account": {"type": "string", "pattern": "^[0-9]{12}$"},
            "region": {"enum": regions},
            **own,
        },
    }


def place(account: str, region: str) -> Resource:
    """One region of one account as a resource."""
    return Resource(ResourceType.AWS, f"{account}/{region}", {"account": account, "region": region})


def _resources(params: Params) -> tuple[Resource, ...]:
    """The place of the call, and for an argument that names a foreign account, that account's."""
    account, region = str(params["account"]), str(params["region"])
    named = (_account_named(value) for key, value in params.items() if key not in {"account", "region"})
    accounts = dict.fromkeys([account, *(foreign for foreign in named if foreign)])
    return tuple(place(one, region) for one in accounts)


def _account_named(value: object) -> str:
    """The account in an ARN or in the address of a queue; empty where there is none."""
    if not isinstance(value, str):
        return ""
    if value.startswith("arn:"):
        return (value.split(":", 5) + [""] * 5)[4]
    return value.split("/")[3] if value.startswith("http") else ""


def _operation(call: AwsCall) -> Operation:
    return Operation(
        name=call.action,
        system=System.AWS,
        action=Action.READ,
        params=_params(call),
        result=result_schema(call.shape),
        resources=_resources,
        title=f"{call.action} ({call.client}:{call.operation})",
    )


OPERATIONS: Final[Mapping[str, Operation]] = {action: _operation(call) for action, call in CALLS.items()}


def group_of(service: str) -> str:
    """The service group of an operation's prefix (`ec2` -> network). Raises KeyError for a service without one."""
    return _GROUP_OF[service]


_GROUP_OF: Final = {call.action.split(":", 1)[0]: group for group, calls in GROUPS.items() for call in calls}
