"""`python -m harness_cli` and the console script `harness`."""

import sys


def main() -> None:
    """Answer `--version` at once; everything else is `cli.main`."""
    if sys.argv[1:] == ["--version"] or sys.argv[2:] == ["--version"]:
        from harness_cli import __version__

        sys.stdout.write(f"harness {__version__}\n")
        return
    from harness_cli.cli import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
