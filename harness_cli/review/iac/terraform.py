"""Terraform files of one folder, parsed by python-hcl2's grammar and evaluated together."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from harness_cli.core.limits import JSON_DEPTH
from harness_cli.review.iac.bounds import Room
from harness_cli.review.iac.expressions import Evaluator, Node, Scope, parts_of, source_of
from harness_cli.review.iac.model import Block, Unknown, Value, is_open
from harness_cli.review.iac.prescan import Heredoc, UnreadableCodeError, prescan

_LABELLED: Final = {"resource": 2, "data": 2, "provider": 1, "module": 1, "variable": 1, "terraform": 0}
_LABELLED_TOO: Final = {"moved": 0, "removed": 0, "output": 1}
_MODES: Final = _LABELLED | _LABELLED_TOO
TREE_DEPTH: Final = 160
JSON_CHARACTERS: Final = 1024 * 1024
_MOST_INSTANCES: Final = 50  # of one resource
# what has no state of its own, so that its instances need no name that outlives a change
_APART: Final = ("attachment", "_rule", "_policy", "_acl", "_permission", "_access_block")
_MOST_TURNS: Final = 200  # of one dynamic block


@dataclass(frozen=True, slots=True)
class HclFile:
    """A parsed file, not evaluated yet."""

    path: str
    body: Node
    heredocs: Sequence[Heredoc]


@dataclass(slots=True)
class Lines:
    """Collects dotted paths with their lines."""

    found: dict[str, int] = field(default_factory=dict)

    def add(self, path: str, node: Node) -> None:
        """Note where a path stands; the first time counts."""
        self.found.setdefault(path, getattr(getattr(node, "meta", None), "line", 1))


def parse_hcl(path: str, text: str) -> HclFile:
    """The tree of a file. Raises UnreadableCodeError."""
    scanned = prescan(text.removeprefix("\ufeff"))
    from hcl2 import parses_to_tree  # slow to import; only reviews of Terraform pay for it
    from lark.exceptions import LarkError

    try:
        tree = parses_to_tree(scanned.code)
    except (LarkError, RecursionError) as err:
        raise UnreadableCodeError("the file is not valid HCL") from err
    if _is_deep(tree):
        raise UnreadableCodeError("an expression is nested without end")
    return HclFile(path, tree.children[0], scanned.heredocs)


def _is_deep(tree: Node) -> bool:
    """Whether walking the tree could exhaust the stack; `a.b.b.b…` nests as deep as it is long."""
    level = [tree]
    for _ in range(TREE_DEPTH):
        level = [child for node in level for child in getattr(node, "children", ())]
        if not level:
            return False
    return True


def variables_of(files: Iterable[HclFile]) -> Mapping[str, Value]:
    """The defaults of a folder's variables; one without default is unknown."""
    found: dict[str, Value] = {}
    for file in files:
        for kind, labels, node in _blocks(file.body):
            if kind == "variable" and labels:
                attributes, _ = _body(node, Evaluator(Scope(), file.heredocs), Lines(), "")
                found[labels[0]] = attributes.get("default", Unknown(f"var.{labels[0]}"))
    return found


def assignments_of(file: HclFile) -> Mapping[str, Value]:
    """What a tfvars file sets."""
    return _body(file.body, Evaluator(Scope(), file.heredocs), Lines(), "")[0]


def settings_of(file: HclFile) -> Mapping[str, Value]:
    """The defaults and locals of a file, as far as they stand there themselves."""
    found = dict(variables_of([file]))
    for kind, _, node in _blocks(file.body):
        if kind == "locals":
            found |= _body(node, Evaluator(Scope(), file.heredocs), Lines(), "")[0]
    return found


def scope_of(files: Iterable[HclFile], variables: Mapping[str, Value], room: Room | None = None) -> Scope:
    """The scope of a folder: its variables and its locals; folders may share the room for what they make."""
    named: dict[str, tuple[Node, Sequence[Heredoc]]] = {}
    for file in files:
        for kind, _, node in _blocks(file.body):
            if kind == "locals":
                named |= {name: (value, file.heredocs) for name, value in _attributes(node)}
    return Scope(variables, named, room=room or Room())


def blocks_of(file: HclFile, scope: Scope) -> Iterator[Block]:
    """The evaluated blocks of a file. Raises UnreadableCodeError."""
    try:
        for kind, labels, node in _blocks(file.body):
            wanted = _MODES.get(kind)
            if wanted is None or len(labels) != wanted or kind == "variable":
                continue
            line = getattr(node.meta, "line", 1)
            type_, name = (*labels, "", "")[:2] if wanted == 2 else (labels[0] if labels else kind, "")
            made = []
            for turn in _turns(node, Evaluator(scope, file.heredocs)):
                lines = Lines()
                attributes, _ = _body(node, turn, lines, "")
                made.append(Block(type_, name, file.path, line, attributes, lines.found, mode=kind))
            yield from _instances(made)
    except RecursionError as err:
        raise UnreadableCodeError("an expression is nested without end") from err


def _turns(node: Node, ev: Evaluator) -> Sequence[Evaluator]:
    """One evaluator for each instance that `count` or `for_each` makes; the plain one where the code does not tell."""
    settings = dict(_attributes(node))
    scope, heredocs = ev.scope, ev.heredocs
    each = ev.value(settings["for_each"]) if "for_each" in settings else None
    count = ev.value(settings["count"]) if "count" in settings else None
    if isinstance(each, Mapping | tuple) and 0 < len(each) <= _MOST_INSTANCES and scope.spend(len(each)):
        turns = each.items() if isinstance(each, Mapping) else zip(each, each, strict=True)
        return [Evaluator(scope.binding("each", key, value), heredocs) for key, value in turns]
    if isinstance(count, int) and 0 < count <= _MOST_INSTANCES and scope.spend(count):
        return [Evaluator(scope.counting(index), heredocs) for index in range(count)]
    return [ev]


def _instances(made: Sequence[Block]) -> Iterator[Block]:
    """Instances as blocks: rules and attachments that differ stand apart, else what differs is unknown."""
    first = made[0]
    different = [block for block in made[1:] if block.attributes != first.attributes]
    if not different:
        yield first
    elif any(word in first.type for word in _APART):
        yield first
        for at, block in enumerate(different, 1):
            yield replace(block, name=f"{block.name}[{at}]")
    else:
        names = dict.fromkeys(name for block in made for name in block.attributes)
        yield replace(first, attributes={name: _agreed(name, made) for name in names})


def _agreed(name: str, made: Sequence[Block]) -> Value:
    values = [block.attributes.get(name) for block in made]
    same = all(value == values[0] for value in values)
    return values[0] if same else Unknown(f"{name} of {made[0].address}: {values!r}"[:2000])


def _kind(node: Node) -> str:
    return str(getattr(node, "data", ""))


def _blocks(body: Node) -> Iterator[tuple[str, tuple[str, ...], Node]]:
    """Type, labels and node of each block."""
    for child in parts_of(body):
        if _kind(child) == "block":
            words = [_word(part) for part in parts_of(child) if _kind(part) in _WORDS]
            yield words[0], tuple(words[1:]), child


_WORDS: Final = frozenset({"identifier", "keyword", "string", "literal_value"})


def _word(node: Node) -> str:
    tokens = [str(token) for token in node.scan_values(lambda _: True)]
    return "".join(tokens[1:-1] if _kind(node) == "string" else tokens)


def _attributes(block: Node) -> Iterator[tuple[str, Node]]:
    for child in parts_of(_inside(block)):
        if _kind(child) == "attribute":
            inner = parts_of(child)
            yield _word(inner[0]), inner[-1]


def _inside(block: Node) -> Node:
    return next((part for part in block.children if _kind(part) == "body"), block)


def _body(node: Node, ev: Evaluator, lines: Lines, prefix: str) -> tuple[dict[str, Value], Node]:
    inside = _inside(node)
    found: dict[str, Value] = {}
    for child in parts_of(inside):
        if _kind(child) == "attribute":
            inner = parts_of(child)
            name = _word(inner[0])
            lines.add(prefix + name, child)
            found[name] = ev.attribute(inner[-1])
            _element_lines(inner[-1], lines, prefix + name)
    for kind, labels, block in _blocks(inside):
        if kind == "dynamic" and labels:
            _append(found, labels[0], _dynamic(labels[0], block, ev, lines, prefix))
        else:
            at = f"{prefix}{kind}.{len(_listed(found.get(kind)))}"
            lines.add(f"{prefix}{kind}", block)
            lines.add(at, block)
            _append(found, kind, (_body(block, ev, lines, f"{at}.")[0],))
    return found, inside


def _element_lines(node: Node, lines: Lines, path: str) -> None:
    """Lines of the objects in a list: `ingress = [{…}, {…}]`."""
    while _kind(node) == "expr_term" and len(parts_of(node)) == 1:
        node = parts_of(node)[0]
    if _kind(node) == "tuple":
        for index, part in enumerate(part for part in parts_of(node) if hasattr(part, "children")):
            lines.add(f"{path}.{index}", part)


def _append(found: dict[str, Value], name: str, more: tuple[Value, ...]) -> None:
    found[name] = (*_listed(found.get(name)), *more)


def _listed(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def _dynamic(name: str, block: Node, ev: Evaluator, lines: Lines, prefix: str) -> tuple[Value, ...]:
    """The blocks that a dynamic one makes; one unknown block where the code does not tell."""
    settings = dict(_attributes(block))
    content = next((node for kind, _, node in _blocks(_inside(block)) if kind == "content"), None)
    each = ev.value(settings["for_each"]) if "for_each" in settings else Unknown()
    iterator = source_of(settings["iterator"]) if "iterator" in settings else name
    lines.add(f"{prefix}{name}", block)
    if (
        content is None
        or not isinstance(each, Mapping | tuple)
        or len(each) > _MOST_TURNS
        or not ev.scope.spend(len(each))
    ):
        return (Unknown(source_of(block)),)
    turns = each.items() if isinstance(each, Mapping) else enumerate(each)
    made = []
    for key, value in turns:
        inner = Evaluator(ev.scope.binding(iterator, key, value), ev.heredocs)
        made.append(_body(content, inner, Lines(), "")[0])
    return tuple(made)


# --- the JSON syntax --------------------------------------------------------------------------------


def json_blocks(path: str, text: str) -> Iterator[Block]:
    """The blocks of a `.tf.json` file; expressions in it are unknown. Raises UnreadableCodeError."""
    document = load_json(text)
    for mode in ("resource", "data"):
        for type_, named in _mapping(document.get(mode)).items():
            for name, body in _mapping(named).items():
                for one in body if isinstance(body, list) else [body]:
                    yield Block(type_, name, path, 1, _frozen(_mapping(one)), mode=mode)
    for mode in ("provider", "module"):
        for name, body in _mapping(document.get(mode)).items():
            for one in body if isinstance(body, list) else [body]:
                yield Block(name, "", path, 1, _frozen(_mapping(one)), mode=mode)


def load_json(text: str) -> Mapping[str, Any]:
    """An object from JSON. Raises UnreadableCodeError."""
    if len(text) > JSON_CHARACTERS:
        raise UnreadableCodeError(f"the file has more than {JSON_CHARACTERS} characters")
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as err:
        raise UnreadableCodeError("the file is not valid JSON") from err
    if not isinstance(document, dict):
        raise UnreadableCodeError("the file holds no object")
    if _is_deeper_than(JSON_DEPTH, document):  # a bound of ours: how deep the interpreter recurses differs by version
        raise UnreadableCodeError("the file is nested too deep")
    return document


def _is_deeper_than(bound: int, value: object) -> bool:
    level: list[object] = [value]
    for _ in range(bound):
        level = [one for outer in level for one in _children(outer)]
    return any(isinstance(one, dict | list) for one in level)


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def json_assignments(text: str) -> Mapping[str, Value]:
    """What a `.tfvars.json` file sets; its texts are no templates. Raises UnreadableCodeError."""
    return {name: _literal(value) for name, value in load_json(text).items()}


def _literal(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _literal(one) for key, one in value.items()}
    return tuple(_literal(one) for one in value) if isinstance(value, list) else value


def _frozen(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    return Unknown(value) if isinstance(value, str) and "${" in value else value


def is_absent(block: Block) -> bool:
    """Whether `count = 0` or an empty `for_each` leaves nothing of a block."""
    count, each = block.get("count", 1), block.get("for_each", ("one",))
    return (count == 0 and not is_open(count)) or (isinstance(each, tuple | Mapping) and not each)
