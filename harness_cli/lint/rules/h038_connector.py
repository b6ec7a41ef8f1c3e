"""H038: a tool whose name misleads, or that has no connector (the loader finds the latter)."""

from collections.abc import Iterator

from harness_cli.config.document import Mapping
from harness_cli.config.published import PUBLISHED
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_ADVICE = "give it a name of its own"
_CYRILLIC = "\u0430\u0435\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u0455\u0501\u04bb\u04cf"
_GREEK = "\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c4"
_OTHER_SCRIPTS = str.maketrans(_CYRILLIC + _GREEK, "aeijopcyxsdhloavpikt")
_LOOKALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "_", ".": "_"})


def check(subject: Subject) -> Iterator[Found]:
    """Names that look like another, and published names that speak to another system."""
    seen: dict[str, str] = {}
    for name, tool in subject.tools.items():
        span = subject.key("tools", name)
        skeleton = _skeleton(name)
        if skeleton in seen:
            yield Found(span, f"`{name}` looks like `{seen[skeleton]}`", _ADVICE)
        seen.setdefault(skeleton, name)
        if PUBLISHED.get(name, tool.connector) is not tool.connector:
            message = f"`{name}` is the published name of a {PUBLISHED[name]} tool, this one speaks to {tool.connector}"
            yield Found(span, message, _ADVICE)
    yield from _foreign_letters(subject, seen)


def _foreign_letters(subject: Subject, seen: dict[str, str]) -> Iterator[Found]:
    """Names with letters of other scripts; the schema refuses them, this says what they look like."""
    node = subject.node("tools")
    for entry in node.entries if isinstance(node, Mapping) else ():
        name = entry.key.raw
        twin = seen.get(_skeleton(name.translate(_OTHER_SCRIPTS)))
        if not name.isascii() and twin:
            yield Found(entry.key.span, f"`{name}` looks like `{twin}`, with letters of another script", _ADVICE)


def _skeleton(name: str) -> str:
    return name.lower().translate(_LOOKALIKE).replace("rn", "m").replace("vv", "w")


RULE = Rule(
    code="H038",
    severity=Severity.ERROR,
    title="tool name confusable with another, or no connector for the tool",
    why="Groups, gates and approvals name tools: two names that look alike let the wrong one through. A name that is "
    "not a published one does not tell which system it speaks to.",
    mend="rename the tool, or add `connector:`",
    check=check,
)
