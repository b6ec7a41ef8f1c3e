"""H038: a tool whose name misleads, or that has no connector (the loader finds the latter)."""

from collections.abc import Iterator

from harness_cli.config.published import PUBLISHED
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_LOOKALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "_", ".": "_"})


def check(subject: Subject) -> Iterator[Found]:
    """Names that look like another, and published names that speak to another system."""
    seen: dict[str, str] = {}
    for name, tool in subject.tools.items():
        span = subject.key("tools", name)
        skeleton = name.lower().translate(_LOOKALIKE).replace("rn", "m").replace("vv", "w")
        if skeleton in seen:
            yield Found(span, f"`{name}` looks like `{seen[skeleton]}`", "give it a name of its own")
        seen.setdefault(skeleton, name)
        if PUBLISHED.get(name, tool.connector) is not tool.connector:
            message = f"`{name}` is the published name of a {PUBLISHED[name]} tool, this one speaks to {tool.connector}"
            yield Found(span, message, "give it a name of its own")


RULE = Rule(
    code="H038",
    severity=Severity.ERROR,
    title="tool name confusable with another, or no connector for the tool",
    why="Groups, gates and approvals name tools: two names that look alike let the wrong one through. A name that is "
    "not a published one does not tell which system it speaks to.",
    mend="rename the tool, or add `connector:`",
    check=check,
)
