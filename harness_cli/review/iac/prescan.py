"""One linear look at HCL before its parser sees it (the parser's patterns backtrack, and it recurses).

The contract:
1. comments become spaces, line feeds stay, so every line keeps its number;
2. a heredoc becomes the string MARK + N followed by its line feeds; its text is kept beside;
3. what is too large, too deep or never ends is refused.
"""

import re
from dataclasses import dataclass, field
from typing import Final

FILE_CHARACTERS: Final = 128 * 1024  # the parser needs time by the square of a body: two seconds for this much
DEPTH: Final = 48
MARK: Final = "\x01"  # no code has it: a file with control characters is refused
_HEREDOC: Final = re.compile(r"<<(-?)([A-Za-z][A-Za-z0-9._-]{0,100})[ \t]*\r?\n")
_PLAIN: Final = re.compile(r"[^\"#/<{}()\[\]]+")
_STRING: Final = re.compile(r"[^\"\\$%{}]+")
_OPEN: Final = "{(["
_CLOSE: Final = "})]"


class UnreadableCodeError(ValueError):
    """Code that is not looked at any further; the message is one clause for people, without its text."""


@dataclass(slots=True)
class Heredoc:
    """A heredoc's text, with the margin taken away where `<<-` asks for it."""

    text: str


@dataclass(slots=True)
class Scanned:
    """Code for the parser, and the heredocs that were in it."""

    code: str
    heredocs: list[Heredoc] = field(default_factory=list)


def prescan(text: str) -> Scanned:
    """The code without comments and heredocs. Raises UnreadableCodeError."""
    if len(text) > FILE_CHARACTERS:
        raise UnreadableCodeError(f"the file has more than {FILE_CHARACTERS} characters")
    if "\0" in text or MARK in text:
        raise UnreadableCodeError("the file is not text")
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    """Walks once over the text; `_stack` holds the open brackets, and `"` for a string that an `${` interrupts."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out: list[str] = []
        self._stack: list[str] = []
        self._found: list[Heredoc] = []

    def scan(self) -> Scanned:
        while self._at < len(self._text):
            if self._stack and self._stack[-1] == '"':
                self._in_string()
            else:
                self._in_code()
        if self._stack:
            raise UnreadableCodeError("a bracket or a string does not end")
        return Scanned("".join(self._out), self._found)

    def _take(self, count: int) -> None:
        self._out.append(self._text[self._at : self._at + count])
        self._at += count

    def _push(self, mark: str) -> None:
        self._stack.append(mark)
        if len(self._stack) > DEPTH:
            raise UnreadableCodeError(f"the code is nested deeper than {DEPTH}")

    def _in_string(self) -> None:
        plain = _STRING.match(self._text, self._at)
        here = self._text[self._at]
        if plain:
            self._take(plain.end() - plain.start())
        elif here == "\\":
            self._take(2)
        elif self._text.startswith(("$${", "%%{"), self._at):
            self._take(3)
        elif self._text.startswith(("${", "%{"), self._at):
            self._take(2)
            self._push("{")
        else:
            if here == '"':
                self._stack.pop()
            self._take(1)

    def _in_code(self) -> None:
        plain = _PLAIN.match(self._text, self._at)
        if plain:
            self._take(plain.end() - plain.start())
            return
        here = self._text[self._at]
        if here == "#" or self._text.startswith("//", self._at):
            self._line_comment()
        elif self._text.startswith("/*", self._at):
            self._block_comment()
        elif here == "<" and (heredoc := _HEREDOC.match(self._text, self._at)):
            self._heredoc(heredoc)
        else:
            self._bracket(here)

    def _bracket(self, here: str) -> None:
        if here == '"':
            self._push('"')
        elif here in _OPEN:
            self._push(here)
        elif here in _CLOSE and (not self._stack or self._stack.pop() != _OPEN[_CLOSE.index(here)]):
            raise UnreadableCodeError("the brackets do not match")
        self._take(1)

    def _line_comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _block_comment(self) -> None:
        end = self._text.find("*/", self._at + 2)
        if end < 0:
            raise UnreadableCodeError("a comment does not end")
        self._out.append(" " + "\n" * self._text.count("\n", self._at, end))
        self._at = end + 2

    def _heredoc(self, start: re.Match[str]) -> None:
        lines: list[str] = []
        at = start.end()
        while at < len(self._text):
            end = self._text.find("\n", at)
            end = len(self._text) if end < 0 else end
            line = self._text[at:end]
            at = end + 1
            if line.strip() == start[2]:
                break
            lines.append(line)
        else:
            raise UnreadableCodeError("a heredoc does not end")
        self._out.append(f'"{MARK}{len(self._found)}"' + "\n" * (len(lines) + 2))
        self._found.append(Heredoc(_trimmed(lines) if start[1] else "\n".join(lines) + "\n"))
        self._at = at


def _trimmed(lines: list[str]) -> str:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines) + "\n"
