"""`python -m harness_cli` and the console script `harness`."""

import gc
import sys

# Imports and one review make half a million objects that stay; looking for cycles among them every 700 took a fifth of
# its processor time, and found next to none.
SELDOM = (100_000, 20, 100)


def main() -> None:
    """Answer `--version` at once; everything else is `cli.main`."""
    if sys.argv[1:] == ["--version"] or sys.argv[2:] == ["--version"]:
        from harness_cli import __version__

        sys.stdout.write(f"harness {__version__}\n")
        return
    gc.set_threshold(*SELDOM)
    from harness_cli.cli import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
