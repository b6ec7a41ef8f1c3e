from harness_cli.policy.checks import CHECKS
from harness_cli.policy.explain import EXPLANATIONS


def test_every_code_of_the_engine_is_explained() -> None:
    assert set(EXPLANATIONS) == {code for code, _ in CHECKS} | {"P000", "P100"}


def test_an_explanation_says_what_and_what_to_do() -> None:
    for explanation in EXPLANATIONS.values():
        assert explanation.title == explanation.title.lower()
        assert explanation.meaning.endswith(".")
        assert explanation.mend.endswith(".")
