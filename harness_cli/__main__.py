"""`python -m harness_cli` and the console script `harness`."""

import gc
import sys

from harness_cli.streams import stand, write_stdout

# Imports and one review make half a million objects that stay; looking for cycles among them every 700 took a fifth of
# its processor time, and found next to none.
SELDOM = (100_000, 20, 100)


def main() -> None:
    """Answer `--version` at once; everything else is `cli.main`."""
    stand()
    if sys.argv[1:] == ["--version"] or sys.argv[2:] == ["--version"]:
        sys.exit(_version())
    gc.set_threshold(*SELDOM)
    from harness_cli.cli import main as run

    sys.exit(run(sys.argv[1:]))


def _version() -> int:
    from harness_cli import __version__

    try:
        write_stdout(f"harness {__version__}\n".encode())
    except Exception as err:  # noqa: BLE001 - its class is not worth loading for this one line
        sys.stderr.write(f"error[X004]: {err}\n")
        return 1
    return 0


if __name__ == "__main__":
    main()
