"""`python -m benchmarks [--small] [NAME …]`: every benchmark of this folder, or the named ones, one after the other.

Each figure stands beside something named that is measured in the same run, so that the ratio says more than the time
does: a busy or slow machine slows both. Nothing here is a timed test. Ends with 1 where a goal was not held.
"""

import argparse
import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks._figures import TITLES, Figure, line
from benchmarks._measured import measured

KNOWN = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def machine() -> str:
    """What the figures were measured on, without its name."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    cores = os.cpu_count() or 1
    busy = ", busy with other work: trust the ratios" if load > cores / 2 else ""
    return f"{platform.system()}, {cores} cores, Python {platform.python_version()}, load {load:.1f}{busy}"


def apart(name: str, small: bool) -> list[Figure]:
    """The figures of one benchmark, in a process of its own: what one leaves in memory is no matter of the next."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as one:
        return one.submit(measured, name, small).result()


def main(arguments: list[str]) -> int:
    """Run them; 1 where a goal was not held."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(KNOWN))
    parser.add_argument("--small", action="store_true", help="tiny sizes: does every benchmark still run?")
    asked = parser.parse_args(arguments)
    unknown = sorted({*asked.names} - {*KNOWN})
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(KNOWN)}")
    began = time.perf_counter()
    print(machine())
    print(line(TITLES))
    found = {name: apart(name, asked.small) for name in asked.names or KNOWN}
    if asked.small:
        print(f"\n{sum(map(len, found.values()))} figures; their sizes are too small to judge anything by")
        return 0
    missed = [f"  {name}: {one.what}" for name, figures in found.items() for one in figures if one.held is False]
    promised = sum(one.held is not None for figures in found.values() for one in figures)
    print(f"\n{promised - len(missed)} of {promised} goals held, {time.perf_counter() - began:.0f} s in all")
    print("\n".join(["not held:", *missed]) if missed else "every goal was held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
