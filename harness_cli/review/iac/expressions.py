"""Terraform expressions, as far as the code alone tells their value; the rest is Unknown, Ref or Partial.

Reads the tree of python-hcl2's grammar. Nothing is executed, no file is read, no function outside the table is known.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from harness_cli.review.iac.bounds import Room, joined
from harness_cli.review.iac.functions import call
from harness_cli.review.iac.model import HOLE, Partial, Ref, Unknown, Value, is_open
from harness_cli.review.iac.prescan import MARK, Heredoc

Node: TypeAlias = Any  # lark's Tree or Token; lark is imported lazily with the parser

_INTERPOLATION: Final = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
MOST_TURNS: Final = 5_000
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SPACE: Final = re.compile(r"\s+")


@dataclass(slots=True)
class Scope:
    """What a module's expressions can see. `locals` are evaluated when they are asked for."""

    variables: Mapping[str, Value] = field(default_factory=dict)
    locals: Mapping[str, tuple[Node, Sequence[Heredoc]]] = field(default_factory=dict)
    bound: Mapping[str, Value] = field(default_factory=dict)  # {"ingress": {"value": …}}, names of a `for`
    _values: dict[str, Value] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _turns: list[int] = field(default_factory=lambda: [MOST_TURNS])  # shared by every scope of a folder
    room: Room = field(default_factory=Room)  # as above

    def spend(self, turns: int) -> bool:
        """Whether so many more instances and blocks may be made; nested loops multiply."""
        self._turns[0] -= turns
        return self._turns[0] >= 0

    def local(self, name: str) -> Value:
        """The value of `local.NAME`; one that needs itself is unknown."""
        if name in self._values:
            return self._values[name]
        if name in self._open or name not in self.locals:
            return Unknown(f"local.{name}")
        self._open.add(name)
        node, heredocs = self.locals[name]
        self._values[name] = Evaluator(self, heredocs).value(node)
        self._open.discard(name)
        return self._values[name]

    def binding(self, name: str, key: Value, value: Value) -> "Scope":
        """The scope inside one turn of a dynamic block, or of `for_each`."""
        return self.knowing({name: {"key": key, "value": value}})

    def counting(self, index: int) -> "Scope":
        """The scope of one instance that `count` makes."""
        return self.knowing({"count": {"index": index}})

    def knowing(self, names: Mapping[str, Value]) -> "Scope":
        """This scope with some more names."""
        bound = {**self.bound, **names}
        return Scope(self.variables, self.locals, bound, self._values, self._open, self._turns, self.room)


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates the expressions of one file in the scope of its module."""

    scope: Scope
    heredocs: Sequence[Heredoc]

    def value(self, node: Node) -> Value:
        """The value of an expression. Raises RecursionError for one that is nested without end."""
        kind = _kind(node)
        rule = _RULES.get(kind)
        found = rule(self, node) if rule else Unknown(source_of(node))
        return found if kind not in _MAKING or self.scope.room.takes(found) else Unknown(source_of(node))

    def attribute(self, node: Node) -> Value:
        """The value of an expression that a block holds: whoever judges the block looks at it once more."""
        found = self.value(node)
        return found if self.scope.room.takes(found) else Unknown(source_of(node))

    def text_key(self, node: Node) -> str | None:
        """The key of an object's element; None where it is not known."""
        inner = parts_of(node)[0]
        if _kind(inner) == "expr_term" and _kind(parts_of(inner)[0]) == "identifier":
            return str(parts_of(parts_of(inner)[0])[0])
        if _kind(inner) == "keyword":
            return str(parts_of(inner)[0])
        found = self.value(inner)
        return str(found) if isinstance(found, str | int | float) else None


def parts_of(node: Node) -> list[Node]:
    """The children of a node, without layout."""
    return [child for child in getattr(node, "children", ()) if _kind(child) != "new_line_or_comment"]


def source_of(node: Node) -> str:
    """An expression as written, in one line; for comparisons only."""
    if not hasattr(node, "children"):
        return str(node)
    tokens = node.scan_values(lambda _: True)
    return _SPACE.sub(" ", " ".join(str(token) for token in tokens)).strip()[:2000]


def _kind(node: Node) -> str:
    return str(getattr(node, "data", ""))


def _term(ev: Evaluator, node: Node) -> Value:
    inner = [part for part in parts_of(node) if str(part) not in {"(", ")"}]
    return ev.value(inner[0]) if len(inner) == 1 else Unknown(source_of(node))


def _literal(_: Evaluator, node: Node) -> Value:
    return {"true": True, "false": False, "null": None}[str(parts_of(node)[0])]


def _integer(_: Evaluator, node: Node) -> Value:
    return int(str(parts_of(node)[0])[:40])


def _float(_: Evaluator, node: Node) -> Value:
    return float(str(parts_of(node)[0])[:40])


def _string(ev: Evaluator, node: Node) -> Value:
    parts = [_string_part(ev, part) for part in parts_of(node) if _kind(part) == "string_part"]
    whole = parts_of(node)[1:-1]
    if len(whole) == 1 and len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]  # "${var.x}" is var.x itself
    if len(parts) != len(whole):
        return Partial(HOLE, source_of(node))  # directives
    if len(parts) == 1 and isinstance(parts[0], str) and parts[0].startswith(MARK):
        return heredoc_value(ev, ev.heredocs[int(parts[0][1:])].text)
    return _joined(parts, source_of(node))


def _string_part(ev: Evaluator, node: Node) -> Value:
    inner = node.children[0]
    if _kind(inner) == "interpolation":
        return ev.value(parts_of(inner)[1])
    if _kind(inner):
        return Unknown(source_of(inner))
    return unescaped(str(inner))


def _joined(parts: Sequence[Value], source: str) -> Value:
    texts = [_shown(part) if isinstance(part, str | int | float) else HOLE for part in parts]
    whole = joined("", texts)
    if whole is None:
        return Unknown(source)
    return whole if all(isinstance(part, str | int | float) for part in parts) else Partial(whole, source)


def _shown(part: str | float) -> str:
    return str(part).lower() if isinstance(part, bool) else str(part)


def unescaped(text: str) -> str:
    """A quoted string's characters."""

    def one(match: re.Match[str]) -> str:
        body = match[1]
        if body[0] in "uU" and len(body) > 1:
            code = int(body[1:], 16)
            return chr(code) if code < 0x110000 else HOLE
        return _ESCAPES.get(body, body)

    return _ESCAPE.sub(one, text).replace("$${", "${").replace("%%{", "%{")


def heredoc_value(ev: Evaluator, text: str) -> Value:
    """A heredoc's text; simple `${var.x}` and `${local.x}` are put in, other interpolations are holes."""
    out: list[str] = []
    at, holes = 0, False
    while match := _INTERPOLATION.search(text, at):
        end = _closing(text, match.end())
        out.append(text[at : match.start()])
        found = _simple(ev.scope, text[match.end() : end].strip()) if match[0] == "${" else None
        holes = holes or found is None
        out.append(HOLE if found is None else found)
        at = end + 1
    out.append(text[at:])
    put_in = joined("", out)
    if put_in is None:
        return Unknown(text)
    whole = put_in.replace("$${", "${").replace("%%{", "%{")
    return Partial(whole, text) if holes else whole


def _closing(text: str, at: int) -> int:
    depth = 1
    for match in re.compile(r"[{}]").finditer(text, at):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    return len(text)


def _simple(scope: Scope, expression: str) -> str | None:
    kind, _, name = expression.partition(".")
    found: Value = None
    if kind == "var" and name.isidentifier():
        found = scope.variables.get(name)
    elif kind == "local" and name.isidentifier():
        found = scope.local(name)
    return _shown(found) if isinstance(found, str | int | float) else None


def _tuple(ev: Evaluator, node: Node) -> Value:
    return tuple(ev.value(part) for part in parts_of(node) if hasattr(part, "children"))


def _object(ev: Evaluator, node: Node) -> Value:
    found: dict[str, Value] = {}
    for element in parts_of(node):
        if _kind(element) != "object_elem":
            continue
        inner = parts_of(element)
        key = ev.text_key(inner[0])
        found[HOLE if key is None else key] = ev.value(inner[-1])
    return found


def _conditional(ev: Evaluator, node: Node) -> Value:
    test, yes, no = (ev.value(part) for part in parts_of(node) if hasattr(part, "children"))
    if isinstance(test, bool):
        return yes if test else no
    return yes if yes == no else Unknown(source_of(node))


def _unary(ev: Evaluator, node: Node) -> Value:
    mark, inner = str(node.children[0]), ev.value(node.children[1])
    if mark == "!" and isinstance(inner, bool):
        return not inner
    if mark == "-" and isinstance(inner, int | float) and not isinstance(inner, bool):
        return -inner
    return Unknown(source_of(node))


_OPERATORS: Final[Mapping[str, Callable[[Value, Value], Value]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "&&": lambda a, b: a is True and b is True,
    "||": lambda a, b: a is True or b is True,
}
_NUMBERS: Final[Mapping[str, Callable[[Any, Any], Value]]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
_SETTLED: Final = {"&&": False, "||": True}  # one side is enough, whatever the other one is


def _binary(ev: Evaluator, node: Node) -> Value:
    left, term = parts_of(node)[:2]
    mark, right = parts_of(term)[0], parts_of(term)[1]
    sign = "".join(str(token) for token in mark.children)
    one, other = ev.value(left), ev.value(right)
    if sign in _SETTLED and (one is _SETTLED[sign] or other is _SETTLED[sign]):
        return _SETTLED[sign]
    operator = _OPERATORS.get(sign) or (_NUMBERS.get(sign) if _is_number(one) and _is_number(other) else None)
    if operator is None or is_open(one) or is_open(other):
        return Unknown(source_of(node))
    return operator(one, other)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _call(ev: Evaluator, node: Node) -> Value:
    inner = parts_of(node)
    name = str(parts_of(inner[0])[0])
    listed = next((part for part in inner if _kind(part) == "arguments"), None)
    if listed is None:
        return call(name, (), source_of(node))
    if any(str(part) == "..." for part in listed.children):
        return Unknown(source_of(node))
    return call(name, [ev.value(part) for part in parts_of(listed) if hasattr(part, "children")], source_of(node))


def _identifier(ev: Evaluator, node: Node) -> Value:
    return ev.scope.bound.get(str(parts_of(node)[0]), Unknown(source_of(node)))


def _for_tuple(ev: Evaluator, node: Node) -> Value:
    made = _turns(ev, node)
    return Unknown(source_of(node)) if made is None else tuple(value for (value,) in made)


def _for_object(ev: Evaluator, node: Node) -> Value:
    made = _turns(ev, node)
    if made is None or not all(isinstance(key, str | int | float) for key, _ in made):
        return Unknown(source_of(node))
    found: dict[str, Value] = {}
    is_grouped = any(str(part) == "..." for part in node.children)
    for key, value in made:
        name = _shown(key)
        found[name] = (*found.get(name, ()), value) if is_grouped else value
    return found


def _turns(ev: Evaluator, node: Node) -> list[tuple[Value, ...]] | None:
    """What a `for` makes at each turn; None where the code does not tell over what it goes, or which turns count."""
    parts = [part for part in parts_of(node) if hasattr(part, "children")]
    intro = [part for part in parts_of(parts[0]) if hasattr(part, "children")]
    names = [str(parts_of(part)[0]) for part in intro[:-1]]
    condition = next((parts_of(part)[-1] for part in parts if _kind(part) == "for_cond"), None)
    makes = [part for part in parts[1:] if _kind(part) != "for_cond"]
    each = ev.value(intro[-1])
    if not isinstance(each, Mapping | tuple) or not ev.scope.spend(len(each)):
        return None
    made = []
    for pair in each.items() if isinstance(each, Mapping) else enumerate(each):
        known = dict(zip(names, pair if len(names) == 2 else pair[1:], strict=True))
        turn = Evaluator(ev.scope.knowing(known), ev.heredocs)
        counts = condition is None or turn.value(condition)
        if not isinstance(counts, bool):
            return None
        if counts:
            made.append(tuple(turn.value(part) for part in makes))
    return made


def _splat(ev: Evaluator, node: Node) -> Value:
    """`local.rules[*].port`: an attribute of each; of blocks a reference."""
    inner, steps = parts_of(node)
    base, names = ev.value(inner), [part for part in parts_of(steps) if hasattr(part, "children")]
    if any(_kind(name) != "get_attr" for name in names):
        return Unknown(source_of(node))
    rest = [str(parts_of(name)[-1].children[0]) for name in names]
    if isinstance(base, Ref):
        return (Ref(".".join([base.path, *rest])),)
    return tuple(_dug(one, rest, node) for one in base) if isinstance(base, tuple) else Unknown(source_of(node))


def _path(ev: Evaluator, node: Node) -> Value:
    """`var.x.y`, `local.x[0]`, `aws_x.y.z`, `ingress.value.port`."""
    steps = _steps(ev, node)
    if steps is None or not isinstance(steps[0], str):
        return Unknown(source_of(node))
    root, rest = steps[0], steps[1:]
    if root in ev.scope.bound:
        return _dug(ev.scope.bound[root], rest, node)
    if root == "var" and rest:
        return _dug(ev.scope.variables.get(str(rest[0]), Unknown(source_of(node))), rest[1:], node)
    if root == "local" and rest:
        return _dug(ev.scope.local(str(rest[0])), rest[1:], node)
    if root in {"path", "terraform", "each", "count", "self"}:
        return Unknown(source_of(node))
    named = [
        step for step in steps if isinstance(step, str)
    ]  # [0] and ["key"] of count and for_each name no other block
    return Ref(".".join(named))


def _steps(ev: Evaluator, node: Node) -> list[str | int] | None:
    steps: list[str | int] = []
    while True:
        kind, inner = _kind(node), parts_of(node)
        if kind == "expr_term" and len(inner) == 1:
            node = inner[0]
        elif kind == "identifier":
            return [str(inner[0]), *reversed(steps)]
        elif kind == "get_attr_expr_term":
            steps.append(str(parts_of(inner[1])[-1].children[0]))
            node = inner[0]
        elif kind == "index_expr_term":
            found = _index(ev, inner[1])
            if not isinstance(found, str | int):
                return None
            steps.append(found)
            node = inner[0]
        else:
            return None


def _index(ev: Evaluator, node: Node) -> Value:
    inner = parts_of(node)
    return int(str(inner[1])[:9]) if _kind(node) == "short_index" else ev.value(inner[1])


def _dug(value: Value, rest: Sequence[str | int], node: Node) -> Value:
    for step in rest:
        value = _step(value, step)
        if value is _NOTHING:
            return Unknown(source_of(node))
    return value


_NOTHING: Final = object()


def _step(value: Value, step: str | int) -> Value:
    if isinstance(value, tuple):
        return value[step] if isinstance(step, int) and 0 <= step < len(value) else _NOTHING
    return value[step] if isinstance(value, Mapping) and step in value else _NOTHING


# what makes a value that was not there before; the others only lead to one
_MAKING: Final = frozenset(
    {"string", "tuple", "object", "unary_op", "binary_op", "function_call", "for_tuple_expr", "for_object_expr"}
    | {"full_splat_expr_term", "attr_splat_expr_term"}
)
_RULES: Final[Mapping[str, Callable[[Evaluator, Node], Value]]] = {
    "expr_term": _term,
    "literal_value": _literal,
    "int_lit": _integer,
    "float_lit": _float,
    "string": _string,
    "tuple": _tuple,
    "object": _object,
    "conditional": _conditional,
    "unary_op": _unary,
    "binary_op": _binary,
    "function_call": _call,
    "identifier": _identifier,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
    "full_splat_expr_term": _splat,
    "attr_splat_expr_term": _splat,
    "get_attr_expr_term": _path,
    "index_expr_term": _path,
}
