"""CloudFormation templates as blocks with Terraform's names; what an intrinsic function hides stays unknown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harness_cli.review.iac.bounds import Room, joined
from harness_cli.review.iac.cloudformation_names import RENAMED, extra_blocks, named, plain
from harness_cli.review.iac.cloudformation_types import snake, terraform_type
from harness_cli.review.iac.model import HOLE, Block, Partial, Ref, Unknown, Value, is_open
from harness_cli.review.iac.prescan import UnreadableCodeError
from harness_cli.review.iac.terraform import load_json
from harness_cli.review.iac.yaml_tree import Tree, load_yaml, mapping

_SHORT: Final = {"Ref": "Ref", "Condition": "Condition"}
_MARK: Final = re.compile(r"\bAWS::[A-Za-z0-9]+::")
_HOLES: Final = re.compile(r"\$\{([^}]{1,255})\}")


def looks_like_template(text: str) -> bool:
    """Whether a YAML or JSON file is a template at all."""
    return "Resources" in text and _MARK.search(text) is not None


def template_blocks(path: str, text: str, room: Room | None = None) -> Iterator[Block]:
    """The resources of a template; templates may share the room for what they make. Raises UnreadableCodeError."""
    text = text.removeprefix("\ufeff")
    tree = Tree(_frozen(load_json(text))) if text.lstrip().startswith("{") else load_yaml(text, _short_form)
    document = mapping(tree.value)
    defaults = {name: mapping(part).get("Default") for name, part in mapping(document.get("Parameters")).items()}
    reader = _Template(defaults, mapping(document.get("Mappings")), room or Room())
    try:
        for name, resource in mapping(document.get("Resources")).items():
            yield from reader.blocks(path, name, mapping(resource), tree)
    except RecursionError as err:
        raise UnreadableCodeError("the template is nested too deep") from err


def _short_form(tag: str, value: Any) -> Any:  # Any: YAML
    """`!Sub x` is `{"Fn::Sub": x}`."""
    if tag == "GetAtt" and isinstance(value, str):
        value = tuple(value.split(".", 1))
    return {_SHORT.get(tag, f"Fn::{tag}"): value}


def _frozen(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Template:
    parameters: Mapping[str, Value] = field(default_factory=dict)
    mappings: Mapping[str, Value] = field(default_factory=dict)
    room: Room = field(default_factory=Room)

    def blocks(self, path: str, name: str, resource: Mapping[str, Any], tree: Tree) -> Iterator[Block]:
        known = terraform_type(str(resource.get("Type", "")))
        if known is None:
            return
        properties = self.value(resource.get("Properties") or {})
        renamed = RENAMED.get(known, {})
        attributes: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, value in properties.items() if isinstance(properties, Mapping) else ():
            attribute, change = renamed.get(key, (snake(key), _tags if key == "Tags" else plain))
            attributes[attribute] = change(value) if change else value
            lines[attribute] = tree.line("Resources", name, "Properties", key)
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            if key in resource:
                attributes[snake(key)] = self.value(resource[key])
                lines[snake(key)] = tree.line("Resources", name, key)
        line = tree.line("Resources", name)
        made = named(Block(known, name, path, line, attributes, lines, language="cloudformation"))
        yield made
        yield from extra_blocks(made)

    def value(self, raw: Any) -> Value:  # Any: parsed YAML or JSON
        """A value with its intrinsic functions resolved as far as the template tells."""
        if isinstance(raw, tuple):
            return tuple(self.value(one) for one in raw)
        if not isinstance(raw, Mapping):
            return raw
        if len(raw) == 1:
            name, inner = next(iter(raw.items()))
            if name == "Ref" or name.startswith("Fn::"):
                found = self._intrinsic(name, inner)
                return found if self.room.takes(found) else Unknown(repr((name, inner))[:2000])
        return {key: self.value(one) for key, one in raw.items()}

    def _intrinsic(self, name: str, inner: Any) -> Value:  # Any: as above
        source = repr((name, inner))[:2000]
        if name == "Ref":
            return self._reference(str(inner), source)
        if name == "Fn::GetAtt":
            return Ref(".".join(map(str, inner)) if isinstance(inner, tuple) else str(inner))
        if name == "Fn::Sub":
            return self._substituted(inner, source)
        if name == "Fn::Join" and isinstance(inner, tuple) and len(inner) == 2:
            return _joined(str(inner[0]), self.value(inner[1]), source)
        if name == "Fn::FindInMap" and isinstance(inner, tuple) and len(inner) == 3:
            return self._looked_up([self.value(one) for one in inner], source)
        if name == "Fn::If" and isinstance(inner, tuple) and len(inner) == 3:
            yes, no = self.value(inner[1]), self.value(inner[2])
            return yes if yes == no else Unknown(source)
        return Unknown(source)

    def _looked_up(self, keys: Sequence[Value], source: str) -> Value:
        found: Value = self.mappings
        for key in keys:
            found = mapping(found).get(str(key)) if isinstance(key, str | int) else None
        return Unknown(source) if found is None else found

    def _reference(self, name: str, source: str) -> Value:
        if name == "AWS::NoValue":
            return None
        if name in self.parameters:
            default = self.parameters[name]
            return Unknown(source) if default is None else default
        return Unknown(source) if name.startswith("AWS::") else Ref(name)

    def _substituted(self, inner: Any, source: str) -> Value:  # Any: as above
        text, given = (inner[0], mapping(inner[1])) if isinstance(inner, tuple) and len(inner) == 2 else (inner, {})
        if not isinstance(text, str):
            return Unknown(source)

        known = {name: self.value(one) for name, one in given.items()}

        def put(name: str) -> str:
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            found = known[name] if name in known else self._reference(name, source)
            return HOLE if is_open(found) or found is None else str(found)

        parts = _HOLES.split(text)  # text, name, text …
        return _whole("", [put(part) if at % 2 else part for at, part in enumerate(parts)], source)


def _joined(mark: str, parts: Value, source: str) -> Value:
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return Unknown(source)
    return _whole(mark, [str(part) if isinstance(part, str | int) else HOLE for part in parts], source)


def _whole(mark: str, parts: Sequence[str], source: str) -> Value:
    whole = joined(mark, parts)
    if whole is None:
        return Unknown(source)
    return Partial(whole, source) if HOLE in whole else whole


def _tags(value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    return {str(mapping(tag).get("Key", "")): mapping(tag).get("Value") for tag in value}
