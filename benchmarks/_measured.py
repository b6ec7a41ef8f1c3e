"""The figures of one benchmark by its name; a module of its own, so that another process can be asked for it."""

import gc
import importlib

from benchmarks._figures import Figure, line
from harness_cli.__main__ import SELDOM


def measured(name: str, small: bool) -> list[Figure]:
    """The figures of one benchmark, printed as they come."""
    gc.set_threshold(*SELDOM)  # as the program does
    module = importlib.import_module(f"benchmarks.{name}")
    print(f"\n== {name}: {(module.__doc__ or '').strip().splitlines()[0]}", flush=True)
    found = []
    for figure in module.figures(small):
        print(line(figure.cells), flush=True)
        found.append(figure)
    return found
