"""Valid plain data to the frozen configuration."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness_cli.config.build_connections import Data, build_connections, build_identity, build_secret
from harness_cli.config.build_policy import (
    build_approvals,
    build_groups,
    build_limits,
    build_policy_engine,
    build_roles,
    build_tools,
)
from harness_cli.config.document import Document, Node, Scalar, Sequence
from harness_cli.config.document import Mapping as MappingNode
from harness_cli.config.durations import parse_rotation
from harness_cli.config.model import (
    Audit,
    Config,
    EnvironmentMap,
    Freeze,
    IdentityBinding,
    KeyPath,
    Layer,
    Network,
    Positions,
    Review,
    Runtime,
    Sink,
    Waiver,
)
from harness_cli.config.moments import read_moment
from harness_cli.core.diagnostic import Span

MISSPELLED_BINDING = "ssso-scim"


def build_config(path: Path, document: Document, data: Data, layers: tuple[Layer, ...]) -> Config:
    """The configuration that a document means; `data` is the valid rest of it."""
    return Config(
        path=path,
        sha256=document.sha256,
        runtime=_runtime(data.get("runtime", {})),
        policy_engine=build_policy_engine(data.get("policy_engine", {})),
        audit=_audit(data.get("audit", {})),
        tools=build_tools(data.get("tools", {})),
        identity=build_identity(data["identity"]) if "identity" in data else None,
        connections=build_connections(data.get("connections", {})),
        network=Network(**data.get("network", {})),
        accounts=dict(data.get("accounts", {})),
        roles=build_roles(data["roles"]) if "roles" in data else None,
        tool_groups=build_groups(data["tool_groups"]) if "tool_groups" in data else None,
        approvals=build_approvals(data["approvals"]) if "approvals" in data else None,
        limits=build_limits(data.get("limits", {})),
        review=_review(data.get("review", {})),
        layers=layers,
        positions=positions_of(document),
    )


def positions_of(document: Document) -> Positions:
    """Where each value stands; a block collection is shown by its key."""
    found: dict[KeyPath, Span] = {(): document.start}
    if document.root is not None:
        _note(document.root, (), found)
    return found


def _note(node: Node, path: KeyPath, found: dict[KeyPath, Span]) -> None:
    match node:
        case MappingNode():
            for entry in node.entries:
                below = (*path, entry.key.raw)
                found[below] = _shown(entry.value, entry.key.span)
                _note(entry.value, below, found)
        case Sequence():
            for index, item in enumerate(node.items):
                found[(*path, index)] = item.span
                _note(item, (*path, index), found)
        case Scalar():
            pass


def _shown(value: Node, key: Span) -> Span:
    span = value.span
    hollow = (span.line, span.column) == (span.end_line, span.end_column)
    if hollow or (not isinstance(value, Scalar) and span.line != span.end_line):
        return key
    return span


def _runtime(data: Data) -> Runtime:
    binding = data.get("identity_binding", IdentityBinding.SSO_SCIM)
    return Runtime(
        version=data.get("version", ""),
        identity_binding=IdentityBinding.SSO_SCIM if binding == MISSPELLED_BINDING else IdentityBinding(binding),
        credential_rotation=parse_rotation(data["credential_rotation"])
        if "credential_rotation" in data
        else timedelta(0),
        agent_id=data.get("agent_id", "harness"),
    )


def _audit(data: Data) -> Audit:
    signing = data.get("signing")
    return Audit(
        format=data.get("format", ""),
        fields=tuple(data.get("fields", ())),
        sink=data.get("sink", "file"),
        retention_days=data.get("retention_days", 0),
        directory=data.get("directory", ".harness/audit"),
        anchor=data.get("anchor", "intent"),
        signing_key=None if signing is None else build_secret(signing.get("key")),
        min_free=data.get("min_free"),
        allow_network_fs=data.get("allow_network_fs", False),
        log_access=data.get("log_access", False),
        sinks=tuple(_sink(sink) for sink in data.get("sinks", ())),
        regime=data.get("regime", ""),
    )


def _sink(data: Data) -> Sink:
    options: Mapping[str, str | int | bool] = {k: v for k, v in data.items() if k not in {"type", "credential"}}
    credential = build_secret(data["credential"]) if "credential" in data else None
    return Sink(data.get("type", ""), options, credential)


def _review(data: Data) -> Review:
    plain = Review()
    mandatory = data.get("mandatory")
    return Review(
        fail_on=data.get("fail_on", plain.fail_on),
        notify=data.get("notify", False),
        generate_credential_report=data.get("generate_credential_report", False),
        required_approvals=dict(data.get("required_approvals", {})),
        scan_checks={kind: tuple(names) for kind, names in data.get("scan_checks", {}).items()},
        environments={name: _environment(part) for name, part in data.get("environments", {}).items()},
        freezes=tuple(_freeze(part) for part in data.get("freezes", ())),
        waivers=tuple(_waiver(waiver) for waiver in data.get("waivers", ())),
        mandatory=None if mandatory is None else tuple(mandatory),
        ports=tuple(data.get("ports", ())),
    )


def _environment(data: Data) -> EnvironmentMap:
    return EnvironmentMap(tuple(data.get("paths", ())), tuple(data.get("accounts", ())))


def _freeze(data: Data) -> Freeze:
    """A freeze; an end that nobody can read (H084) never comes."""
    start = read_moment(data.get("start", "")) or datetime.min.replace(tzinfo=UTC)
    end = read_moment(data.get("end", ""), is_end=True) or datetime.max.replace(tzinfo=UTC)
    return Freeze(data.get("name", ""), start, end, tuple(data.get("environments", ())))


def _waiver(data: Data) -> Waiver:
    return Waiver(*(data.get(key, "") for key in ("check", "resource", "reason", "approved_by", "until")))
