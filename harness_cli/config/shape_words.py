"""What the walk of the schema says: types, values, places and suggestions in words."""

import json
from typing import Final

from harness_cli.config.document import Mapping, Node, Scalar, Sequence
from harness_cli.config.model import KeyPath
from harness_cli.config.schema import Schema, form

TYPE_WORDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
}


def closest(name: str, known: list[str]) -> str:
    """The known name that a misspelling probably means, empty where none is near."""
    folded = {k.lower().replace("-", "_"): k for k in known}
    exact = folded.get(name.lower().replace("-", "_"))
    if exact:
        return exact
    import difflib  # only misspellings need it

    near = difflib.get_close_matches(name.lower()[:64], list(folded), n=1, cutoff=0.72)
    return folded[near[0]] if near else ""


def kind_of(node: Node) -> str:
    """The JSON Schema type of a node."""
    match node:
        case Mapping():
            return "object"
        case Sequence():
            return "array"
        case Scalar():
            match node.value:
                case bool():
                    return "boolean"
                case int():
                    return "integer"
                case float():
                    return "number"
                case str():
                    return "string"
                case _:
                    return "null"


def scalar_fault(node: Scalar, part: Schema) -> str | None:
    """What is wrong with the value of a scalar of the right type; None where nothing is."""
    value = node.value
    if "enum" in part and value not in part["enum"]:
        shown = [
            json.dumps(v) if not isinstance(v, str) else v for v in part["enum"] if v not in part.get("x-hide", ())
        ]
        return f"`{shortened(node.raw)}` is not one of {', '.join(shown)}"
    if isinstance(value, str):
        return _text_fault(value, part)
    if isinstance(value, int) and not isinstance(value, bool):
        if value < part.get("minimum", value):
            return f"must be at least {part['minimum']}"
        if value > part.get("maximum", value):
            return f"must be at most {part['maximum']}"
    return None


def _text_fault(value: str, part: Schema) -> str | None:
    if len(value) < part.get("minLength", 0):
        return "is empty"
    if len(value) > part.get("maxLength", len(value)):
        return f"is longer than {part['maxLength']} characters"
    if "pattern" in part and form(part["pattern"]).fullmatch(value) is None:
        return f"`{shortened(value)}` is not {part.get('x-form', 'of the form ' + part['pattern'])}"
    return None


def suggested(node: Scalar, part: Schema) -> str:
    """The enumerated word that a misspelling probably means."""
    words = [v for v in part.get("enum", ()) if isinstance(v, str) and v not in part.get("x-hide", ())]
    near = closest(node.raw, words)
    return f"did you mean `{near}`?" if near else ""


def alternatives(part: Schema) -> str:
    """What to choose from where exactly one key is wanted."""
    keys = part.get("properties", {})
    return f"give exactly one of {', '.join(keys)}" if part.get("maxProperties") == 1 else ""


def found_words(node: Node) -> str:
    """What stands there, for people."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"`{node.raw}`, which is true or false"
        case Scalar(value=str()):
            return f"the text `{shortened(node.raw)}`"
        case _:
            return f"the number `{shortened(node.raw)}`"


def type_advice(node: Node, expected: list[str], path: KeyPath) -> str:
    """How a value of the wrong type is written right."""
    if not isinstance(node, Scalar):
        return ""
    key = next((str(p) for p in reversed(path) if isinstance(p, str)), "")
    if "boolean" in expected and isinstance(node.value, str):
        return "write `true` or `false`, without quotes"
    if "string" in expected and node.is_plain and node.value is not None:
        return f'put it in quotes: `"{shortened(node.raw)}"`'
    if "integer" in expected and isinstance(node.value, str):
        return "write the number without quotes"
    if "array" in expected and isinstance(node.value, str):
        return f"write `{key}: [{shortened(node.raw)}]`"
    if node.value is None and {"object", "array"} & set(expected):
        return "delete the key, or indent what belongs to it"
    return ""


def where_words(part: Schema, path: KeyPath) -> str:
    """The thing that a mapping describes, such as: tool `aws_metadata`."""
    noun = part.get("x-noun", "")
    if not noun or noun.startswith(("`", "the ")) or not path:
        return str(noun)
    return f"{noun} `{path[-1]}`" if isinstance(path[-1], str) else f"{noun} {path[-1] + 1}"


def path_words(path: KeyPath) -> str:
    """A path of keys and indices, in backticks."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shortened(part)}" if text else shortened(part)
    return f"`{text}`" if text else "the file"


def shortened(text: str) -> str:
    """A text on one line, of at most sixty characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
