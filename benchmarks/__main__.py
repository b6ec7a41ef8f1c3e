"""Runs every benchmark of this folder, or those that are named, one after the other."""

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Run them; 1 where one of them says that a bound was not held."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    failed = []
    for name in names or known:
        print(f"== {name}", flush=True)
        if importlib.import_module(f"benchmarks.{name}").main():
            failed.append(name)
    if failed:
        print(f"a bound was not held in {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
