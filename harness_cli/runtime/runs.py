"""What is kept of a run beside its trail: its report, and, while it waits for people, what to do next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness_cli.core.errors import NotFoundError
from harness_cli.core.ids import TRACE_ID, TraceId
from harness_cli.files import read_private, write_private

LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunStore:
    """The runs folder of one project."""

    folder: Path

    def save_report(self, trace_id: TraceId, document: Mapping[str, Any]) -> Path:
        """Keep a report; the path where it is."""
        return self._save(trace_id, "report.json", document)

    def load_report(self, trace_id: TraceId) -> dict[str, Any]:
        """A kept report. Raises NotFoundError."""
        return self._load(trace_id, "report.json", "report")

    def save_pause(self, trace_id: TraceId, document: Mapping[str, Any]) -> None:
        """Keep what a paused run will do next."""
        self._save(trace_id, "paused.json", document)

    def load_pause(self, trace_id: TraceId) -> dict[str, Any]:
        """What a paused run will do next. Raises NotFoundError."""
        return self._load(trace_id, "paused.json", "paused run")

    def end_pause(self, trace_id: TraceId) -> None:
        """The run has gone on."""
        (self.folder / trace_id / "paused.json").unlink(missing_ok=True)

    def find(self, prefix: str) -> TraceId:
        """The one run whose id starts so. Raises NotFoundError."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = sorted(name for name in names if TRACE_ID.fullmatch(name) and name.startswith(prefix))
        if len(found) != 1 or not prefix:
            many = f"{len(found)} runs start" if found else "no run starts"
            raise NotFoundError(f"{many} with {prefix!a}", help="`harness trace` lists recent runs")
        return TraceId(found[0])

    def _save(self, trace_id: TraceId, name: str, document: Mapping[str, Any]) -> Path:
        path = self.folder / trace_id / name
        write_private(path, json.dumps(document, ensure_ascii=True).encode())  # no indent: that way is ten times slower
        return path

    def _load(self, trace_id: TraceId, name: str, what: str) -> dict[str, Any]:
        try:
            document = json.loads(read_private(self.folder / trace_id / name, LARGEST))
        except FileNotFoundError as err:
            raise NotFoundError(f"no {what} of {trace_id}", help="`harness trace` lists recent runs") from err
        except (OSError, ValueError) as err:
            raise NotFoundError(f"the {what} of {trace_id} cannot be read ({type(err).__name__})") from err
        if not isinstance(document, dict):
            raise NotFoundError(f"the {what} of {trace_id} is damaged")
        return document
