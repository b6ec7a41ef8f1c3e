"""YAML events under limits: nothing is composed that has not been counted first (H005).

libyaml's scanner is used for its speed where PyYAML was built with it, event by event: its composer, which recurses
in C, is never entered. It looks at most 1,024 characters ahead, so the depth limit stops a bomb where it starts.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import CollectionStartEvent, Event, NodeEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from harness_cli.core.limits import CONFIG_DEPTH, CONFIG_NODES


class Events(Protocol):
    """What both of PyYAML's parsers do."""

    def check_event(self, *choices: Any) -> bool:  # Any: event classes, as PyYAML types them
        """Whether one more event follows."""
        ...

    def get_event(self) -> Event:
        """The next event."""
        ...


class PureParser(Reader, Scanner, Parser):
    """PyYAML's own parser without its composer."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class TooLargeError(Exception):
    """A limit is passed; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def _native() -> Callable[[str], Any]:  # Any: either parser; their stubs differ
    try:
        from yaml._yaml import CParser
    except ImportError:  # PyYAML was built without libyaml: slower, the same language
        return PureParser
    return CParser


def limited_events(text: str, parser: Callable[[str], Events] | None = None) -> Iterator[Event]:
    """The events of `text`, stopped at the first that passes a limit.

    Raises: TooLargeError, yaml.error.YAMLError.
    """
    stream = (parser or _native())(text)
    depth = nodes = 0
    while stream.check_event():
        event = stream.get_event()
        if isinstance(event, NodeEvent):
            nodes += 1
            if isinstance(event, CollectionStartEvent):
                depth += 1
            _refuse_excess(event, depth, nodes)
        elif type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}:
            depth -= 1
        yield event


def _refuse_excess(event: Event, depth: int, nodes: int) -> None:
    if depth > CONFIG_DEPTH:
        message = f"values are nested deeper than {CONFIG_DEPTH} levels"
    elif nodes > CONFIG_NODES:
        message = f"the file has more than {CONFIG_NODES} values"
    else:
        return
    raise TooLargeError(message, *start_of(event))


def start_of(event: Event) -> tuple[int, int]:
    """Line and column, from 1, where an event starts."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def end_of(event: Event) -> tuple[int, int]:
    """Line and column, from 1, behind an event."""
    mark = event.end_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


__all__ = ["MarkedYAMLError", "PureParser", "TooLargeError", "YAMLError", "limited_events"]
