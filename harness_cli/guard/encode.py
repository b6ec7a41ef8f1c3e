"""One encoder for each sink: the only ways that text from outside is shown.

Every encoder first shows as escapes what a terminal obeys (`clean`), for a report in a file is printed sooner or
later, and then takes away what its own sink obeys.
"""

import html
import json
import re
from typing import Final

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.clean import clean

Text = str | Untrusted

LONGEST_FIELD: Final = 4_000
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^$=:/\"'])")
_FENCE: Final = re.compile(r"`{3,}")
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def for_terminal(text: Text, *, width: int | None = None, lines: int | None = None) -> str:
    """For a terminal: `clean`."""
    return clean(text, width=width, lines=lines)


def for_slack(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For a text of Slack: without `<` no mention, link or command is left; send it with `parse: none`."""
    return clean(text, width=width).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def for_markdown(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For one line of Markdown: whatever could format, link, mention or open HTML is escaped."""
    without_html = clean(text, width=width).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", without_html).replace("@", "&#64;")


def for_markdown_code(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """A code span, also in a cell of a table: nothing in it formats, links or mentions."""
    body = clean(text, width=width).replace("|", "\u2223")  # a bar would end the cell, escaped or not, in some readers
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", body)), default=0))
    padding = " " if not body.strip() or "`" in (body[0], body[-1]) else ""
    return f"{fence}{padding}{body}{padding}{fence}"


def for_markdown_block(text: Text, *, language: str = "", lines: int = 200, width: int = 400) -> str:
    """A fenced block whose fence is longer than any in the text; ends with a line feed."""
    body = clean(text, width=width, lines=lines)
    fence = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(body)), default=0))
    return f"{fence}{re.sub('[^a-z0-9]', '', language)}\n{body}\n{fence}\n"


def for_html(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For the text or a quoted attribute of HTML."""
    return html.escape(clean(text, width=width), quote=True).replace("`", "&#96;")


def for_csv(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For one cell: quoted, and never read as a formula."""
    cleaned = clean(text, width=width)
    guarded = f"'{cleaned}" if cleaned.lstrip(" '\"").startswith(_FORMULA) else cleaned
    return '"' + guarded.replace('"', '""') + '"'


def for_json(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For a string inside a JSON document (SARIF `text`, OCSF, JSON): the value, before the document is encoded."""
    return clean(text, width=width)


def for_sarif(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For `message.text` of SARIF: a viewer reads `[a](b)` as a link and `{0}` as a placeholder."""
    cleaned = clean(text, width=width)
    return re.sub(r"([\\\[\]])", r"\\\1", cleaned).replace("{", "{{").replace("}", "}}")


def for_log(text: Text, *, width: int | None = LONGEST_FIELD) -> str:
    """For one line of a log or of JSON lines: ASCII, quoted, no line end in it."""
    return json.dumps(clean(text, width=width), ensure_ascii=True)
