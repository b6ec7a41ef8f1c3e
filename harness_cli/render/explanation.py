"""The page of one code, found where the code is at home."""

import re

from harness_cli.core.codes import MEANINGS
from harness_cli.core.errors import NotFoundError
from harness_cli.guard.clean import clean

_LINT, _POLICY = re.compile(r"H\d{3}"), re.compile(r"P\d{3}")


def explanation(asked: str) -> str:
    """The text for a code, or a list. Raises NotFoundError."""
    code = asked.upper()
    if code == "CHECKS":
        return _checks()
    if code == "CODES":
        return _codes()
    found = _rule(code) or _decision(code) or _error(code) or _check(code)
    if not found:
        raise NotFoundError(
            f"nothing is called {clean(asked, width=40)}", code="U001", help="try `harness explain checks` or `codes`"
        )
    return found


def _rule(code: str) -> str:
    if not _LINT.fullmatch(code):
        return ""
    from harness_cli.lint.registry import codes, rule

    return rule(code).text if code in codes() else ""


def _decision(code: str) -> str:
    if not _POLICY.fullmatch(code):
        return ""
    from harness_cli.policy.explain import EXPLANATIONS

    found = EXPLANATIONS.get(code)
    return f"{code}: {found.title}\n\n{found.meaning}\n\nMend: {found.mend}\n" if found else ""


def _error(code: str) -> str:
    found = MEANINGS.get(code)
    return f"{code}: {found.title}\n\nMend: {found.mend}\n" if found else ""


def _check(code: str) -> str:
    from harness_cli.review.registry import all_checks

    found = all_checks().get(code)
    if found is None:
        return ""
    controls = ", ".join(" ".join(filter(None, (c.framework, c.version, c.id))) for c in found.controls)
    sources = ", ".join(source.value for source in found.sources)
    about = (found.judge.__doc__ or "").strip()
    return "\n\n".join(
        filter(
            None,
            [
                f"{code}: {found.title} ({found.severity.value})",
                about,
                f"Reads: {sources}\nControls: {controls or 'none'}",
                f"Mend: {found.remediation}\n",
            ],
        )
    )


def _checks() -> str:
    from harness_cli.review.registry import all_checks

    rows = (f"{check.id:<8}{check.severity.value:<10}{check.title}" for check in all_checks().values())
    return "\n".join(rows) + "\n"


def _codes() -> str:
    from harness_cli.lint.registry import rules
    from harness_cli.policy.explain import EXPLANATIONS

    rows = [f"{rule.code}  {rule.title}" for rule in rules()]
    rows += [f"{code}  {found.title}" for code, found in EXPLANATIONS.items()]
    rows += [f"{code}  {found.title}" for code, found in MEANINGS.items()]
    return "\n".join(rows) + "\n"
