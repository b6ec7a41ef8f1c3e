"""Paragraphs of plain text that hang under their first word."""

import textwrap

from harness_cli.guard.clean import clean


def hung(lead: str, text: str, width: int) -> list[str]:
    """The cleaned text after its lead, in lines; a name longer than a line is kept whole, so that it can be copied."""
    first = clean(lead)
    return textwrap.wrap(
        clean(text),
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
