"""Start-up of the commands that read only, in processor time of the whole process, beside `python -c pass`.

An installed program is measured: byte code is cached, as pip leaves it.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks._figures import Figure, at_most
from benchmarks._process import middle, ran

HARNESS = str(Path(sys.executable).with_name("harness"))
TIMES, WARM_UPS = 9, 2
CONFIG = Path(__file__).resolve().parent.parent / "sample-configs" / "agent-harness-config.yaml"


def with_tools(count: int) -> str:
    """The sample configuration with as many tools, each with a scope of its own."""
    document = yaml.safe_load(CONFIG.read_text("utf-8"))
    tools, group = document["tools"], document["tool_groups"]["read_only_scanners"]
    for number in range(count - len(tools)):
        name = f"tool_{number:04}"
        tools[name] = {
            **json.loads(json.dumps(tools["github_inspector"])),
            "connector": "github",
            "scope": f"repo:acme/infra-{number}-*",
        }
        group.append(name)
    return yaml.safe_dump(document, sort_keys=False, width=120)


def milliseconds(command: list[str], folder: Path, times: int, warm_ups: int) -> float:
    """The median of the processor time."""
    runs = [ran(command, cwd=folder) for _ in range(times + warm_ups)][warm_ups:]
    if any(one.code for one in runs):
        raise RuntimeError(f"{' '.join(command[1:])} failed: its time means nothing")
    return middle(runs, lambda one: one.cpu) * 1000


def figures(small: bool = False) -> Iterator[Figure]:
    """Each command against its bound."""
    times, warm_ups = (1, 0) if small else (TIMES, WARM_UPS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hundred.yaml").write_text(with_tools(100), "utf-8")
        empty = milliseconds([sys.executable, "-c", "pass"], folder, times, warm_ups)
        for what, arguments, bound in (
            ("--version", ["--version"], 40),
            ("--help", ["--help"], 110),
            ("trace", ["trace"], 150),
            ("validate-config, 100 tools", ["validate-config", "hundred.yaml"], 250),
        ):
            taken = milliseconds([HARNESS, *arguments], folder, times, warm_ups)
            yield at_most(what, taken, bound, "ms", f"python -c pass {empty:.0f} ms", taken / empty)
