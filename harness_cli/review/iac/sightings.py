"""Hints at accounts, regions and environments in code: providers, ARNs, backends, workspaces, tags."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from harness_cli.review.iac.change import Pair, Sighting
from harness_cli.review.iac.model import Block, Value, texts_in

_ARN: Final = re.compile(r"\barn:aws[a-z-]{0,10}:[a-z0-9-]{0,40}:[a-z0-9-]{0,30}:([0-9]{12}):[\w./:-]{0,200}", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]{3,9}){1,2}-[1-9]", re.ASCII)
_REGION_NAMES: Final = frozenset({"region", "aws_region"})
_ACCOUNT_NAMES: Final = re.compile(r"(?:aws_)?account(?:_?id)?s?|allowed_account_ids", re.IGNORECASE)
ENVIRONMENT_TAGS: Final = frozenset({"environment", "env", "stage"})


def sightings(
    pairs: Iterable[Pair], folders: frozenset[str], places: Iterable[Block], settings: Mapping[str, Value]
) -> tuple[Sighting, ...]:
    """What the changed blocks say, and the providers and backends (`places`) of the folders that change.

    `settings` are what changed tfvars files, variables and locals say, by `path:name`.
    """
    found: list[Sighting] = []
    for pair in pairs:
        if pair.is_changed:
            for block in (pair.base, pair.head):
                found += _of_block(block) if block is not None else ()
    for block in places:
        found += _of_block(block) if block.folder in folders else ()
    for place, value in settings.items():
        path, _, name = place.rpartition(":")
        found += _of_variable(path, name, value)
    return tuple(dict.fromkeys(found))


def _of_block(block: Block) -> Iterator[Sighting]:
    for text in texts_in(dict(block.attributes)):
        for match in _ARN.finditer(text):
            yield Sighting("account", match[1], block.path, block.line)
    for name, value in block.attributes.items():
        if _ACCOUNT_NAMES.fullmatch(name):
            yield from (Sighting("account", one, block.path, block.line) for one in _accounts(value))
        if block.mode == "module" and name.casefold() in ENVIRONMENT_TAGS and isinstance(value, str):
            yield Sighting("tag", value, block.path, block.line_of(name))
    region = block.get("region") if block.mode == "provider" else None
    if isinstance(region, str) and _REGION.fullmatch(region):
        yield Sighting("region", region, block.path, block.line_of("region"))
    if block.mode == "terraform":
        yield from _of_terraform(block)
    for holder in (block.attributes, *block.nested("default_tags")):
        tags = holder.get("tags") if isinstance(holder, Mapping) else None
        for name, value in tags.items() if isinstance(tags, Mapping) else ():
            if name.casefold() in ENVIRONMENT_TAGS and isinstance(value, str):
                yield Sighting("tag", value, block.path, block.line_of("tags"))


def _accounts(value: Value) -> Iterator[str]:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, str | int) and _ACCOUNT.fullmatch(str(one)):
            yield str(one)


def _of_terraform(block: Block) -> Iterator[Sighting]:
    for backend in block.nested("backend"):
        settings = backend if isinstance(backend, Mapping) else {}
        for name in ("bucket", "key", "workspace_key_prefix", "prefix"):
            if isinstance(settings.get(name), str):
                yield Sighting("backend", settings[name], block.path, block.line_of("backend"))
    for kind in ("cloud", "backend"):
        for cloud in block.nested(kind):
            for spaces in _nested(cloud, "workspaces"):
                for name in ("name", "prefix", "tags"):
                    for text in texts_in(spaces.get(name)):
                        yield Sighting("workspace", text, block.path, block.line_of(kind))


def _nested(value: Value, name: str) -> Iterator[Mapping[str, Value]]:
    inner = value.get(name, ()) if isinstance(value, Mapping) else ()
    for one in inner if isinstance(inner, tuple) else (inner,):
        if isinstance(one, Mapping):
            yield one


def _of_variable(path: str, name: str, value: Value) -> Iterator[Sighting]:
    listed = value if isinstance(value, tuple) else (value,)
    if _ACCOUNT_NAMES.fullmatch(name):
        yield from (Sighting("account", one, path) for one in _accounts(value))
    for one in listed:
        if name.casefold() in ENVIRONMENT_TAGS and isinstance(one, str):
            yield Sighting("tag", one, path)
        if name.casefold() in _REGION_NAMES and isinstance(one, str) and _REGION.fullmatch(one):
            yield Sighting("region", one, path)
    for text in texts_in(value):
        for match in _ARN.finditer(text):
            yield Sighting("account", match[1], path)
