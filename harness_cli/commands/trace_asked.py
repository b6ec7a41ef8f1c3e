"""What may be asked of `harness trace` together; whatever would be passed over in silence is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from harness_cli.core.errors import UsageError

FORMATS: Final = ("text", "json", "jsonl", "html", "ocsf")
_OF_LIST: Final = ("text", "json", "jsonl")
_OF_ANSWER: Final = ("text", "json")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that choose what is shown."""

    trace_id: str
    verify: bool
    since: str
    keys: tuple[str, ...]
    why: int | None
    limit: int | None
    format: str
    of_lines: Mapping[str, str] = field(default_factory=dict)  # filters by option: of runs, and of the lines of one
    of_runs: Mapping[str, str] = field(default_factory=dict)

    @property
    def verifies(self) -> bool:
        """Whether the trail is checked, not shown."""
        return self.verify or bool(self.since)

    @property
    def words(self) -> str:
        """The filters as they were given."""
        return " ".join(f"{name} {value}" for name, value in (*self.of_lines.items(), *self.of_runs.items()) if value)

    def refuse(self) -> None:
        """Each option is heard, or it is an error. Raises UsageError."""
        self._refuse_company()
        if self.verifies or self.why is not None:
            filters = {**self.of_lines, **self._list_only}
            _refuse_filters(filters, "picks runs or lines, and this looks at a whole trail")
        if self.trace_id:
            _refuse_filters(self._list_only, "goes with the list of runs")
        if self.why is not None and not self.trace_id:
            raise UsageError("--why needs the id of a trace", help="harness trace ID --why SEQ")
        self._refuse_format()
        self._refuse_words()

    @property
    def _list_only(self) -> dict[str, str]:
        return {**self.of_runs, "--limit": str(self.limit or "")}

    def _refuse_company(self) -> None:
        if self.why is not None and self.verifies:
            raise UsageError("--why decides one line again and --verify checks a trail", help="ask one after the other")
        if self.keys and not self.verifies:
            raise UsageError("--key says whom a verification trusts, and nothing is verified", help="add --verify")

    def _refuse_format(self) -> None:
        if self.format not in FORMATS:
            raise UsageError(f"no format {self.format!a}", help=f"one of {', '.join(FORMATS)}")
        if self.verifies or self.why is not None:
            _refuse_word("format of a verification" if self.verifies else "format of --why", self.format, _OF_ANSWER)
        elif not self.trace_id and self.format not in _OF_LIST:
            raise UsageError(f"a list has no format {self.format}", help=f"harness trace ID --format {self.format}")

    def _refuse_words(self) -> None:
        """A word that no run can have is a slip: an empty list would pass for an answer."""
        outcome, verdict = self.of_lines["--outcome"], self.of_runs["--verdict"]
        if outcome:
            from harness_cli.audit.reader import OUTCOMES_OF_LINES, OUTCOMES_OF_RUNS

            _refuse_word("outcome", outcome, OUTCOMES_OF_LINES if self.trace_id else OUTCOMES_OF_RUNS)
        if verdict:
            from harness_cli.review.verdict import WORDS

            _refuse_word("verdict", verdict.upper(), WORDS)


def moment(text: str) -> datetime | None:
    """A moment that was typed; None where none was. Raises UsageError."""
    from harness_cli.core.clock import parse_rfc3339

    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as err:
        raise UsageError(f"not a time: {text!a}", help="write 2026-11-22T09:30:00Z") from err


def _refuse_filters(filters: Mapping[str, str], why: str) -> None:
    given = [name for name, value in filters.items() if value]
    if given:
        raise UsageError(f"{', '.join(given)} {why}", help="leave it out, or list runs: no id, no --verify, no --why")


def _refuse_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UsageError(f"no {name} {word!a}", help=f"it is one of {', '.join(known)}")
