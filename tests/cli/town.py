"""A folder in which the sandbox is up, for tests of whole stories: `harness sandbox` in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cli.program import Ran, harness


@dataclass(frozen=True)
class Town:
    """The folder, its home, the addresses of the stand-ins, and their configuration."""

    folder: Path
    home: Path
    addresses: dict
    config: Path

    def harness(self, *args: str, **more) -> Ran:
        """Run the program there."""
        return harness(*args, cwd=self.folder, HOME=str(self.home), **more)

    def run(self, *args: str, **more) -> Ran:
        """`harness run --config …` against the stand-ins that are up."""
        return self.harness("run", "--config", str(self.config), *args, **more)

    def why(self, trace_id: str, seq: str, *args: str) -> Ran:
        """`harness trace ID --why SEQ` against the configuration as it is now."""
        return self.harness("trace", trace_id, "--why", seq, "--config", str(self.config), *args)

    def trail(self, trace_id: str) -> list[dict]:
        """The lines of one trace."""
        (path,) = (self.folder / ".harness" / "audit").rglob(f"{trace_id}.jsonl")
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    def newest_trail(self) -> list[dict]:
        """The lines of the newest trace."""
        traces = (self.folder / ".harness" / "audit").glob("2*/*/*/*.jsonl")
        return self.trail(max(path.stem for path in traces))


@contextmanager
def a_town(folder: Path, *args: str) -> Iterator[Town]:
    """Start the stand-ins in a folder; `ana` is logged in, as `--print-config` leaves it."""
    home = folder / "home"
    home.mkdir()
    config = folder / "agent-harness-config.yaml"
    command = [sys.executable, "-m", "harness_cli", "sandbox", "--print-config", str(config), *args]
    environ = {**os.environ, "HOME": str(home)}
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield Town(folder, home, json.loads(line), config)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        process.stdout.close()
        process.stderr.close()


def variant(town, name: str, *changes: tuple[str, object]) -> str:
    """The town's configuration with some keys (dotted) set to another value."""
    document = yaml.safe_load(town.config.read_text())
    for key, value in changes:
        *path, last = key.split(".")
        place = document
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    made = town.folder / f"{name}.yaml"
    made.write_text(yaml.safe_dump(document, sort_keys=False))
    return str(made)
