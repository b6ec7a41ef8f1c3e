"""The checks: pure functions from facts to findings."""


def load() -> None:
    """Declare every check (idempotent: modules are imported once)."""
