"""Without the optional extra nothing starts, and the user is told what to install."""

import pytest

from harness_cli.sandbox import SandboxError
from harness_cli.sandbox.aws import require_extra


@pytest.mark.parametrize("absent", ["moto", "flask", "flask_cors"])
def test_a_missing_extra_is_told_before_anything_starts(absent: str) -> None:
    with pytest.raises(SandboxError, match="not installed") as caught:
        require_extra(lambda module: None if module == absent else object())
    assert "harness-review[sandbox]" in caught.value.help


def test_an_installed_extra_passes() -> None:
    require_extra(lambda _module: object())
