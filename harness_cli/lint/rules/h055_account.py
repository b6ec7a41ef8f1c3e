"""H055: an account that is neither 12 digits nor a known alias."""

import re
from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import Written, is_alias, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.scope import ScopeKey

_DIGITS = re.compile(r"[0-9-]+", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


def check(subject: Subject) -> Iterator[Found]:
    """The accounts of every scope; `accounts:` itself is the schema's."""
    for written in written_patterns(subject):
        if is_number_of_account(written):
            message = f"`{written.text}` is not an account: it has 12 digits"
            yield Found(written.span(subject), message, "write 12 digits")
        elif is_alias(written.key, written.text) and written.text not in subject.config.accounts:
            yield from _unknown(subject, written)


def is_number_of_account(written: Written) -> bool:
    """Whether a pattern is meant as an account's number and is not one."""
    text = written.text
    return written.key == ScopeKey.ACCOUNT and bool(_DIGITS.fullmatch(text)) and not _ACCOUNT.fullmatch(text)


def _unknown(subject: Subject, written: Written) -> Iterator[Found]:
    if not subject.is_sound("accounts"):
        return
    near = subject.suggestion(written.text, subject.config.accounts)
    label = f"did you mean `{near}`?" if near else ""
    message = f"account alias `{written.text}` is not in `accounts:`: its calls are denied"
    advice = f'add `accounts: {{{written.text}: "<12 digits>"}}`'
    yield Found(written.span(subject), message, advice, label, severity=Severity.WARNING)


RULE = Rule(
    code="H055",
    severity=Severity.ERROR,
    title="account not 12 quoted digits (a warning for an alias that is not in `accounts:`)",
    why="Without quotes an account becomes a number and loses its first zero. An alias means nothing until "
    "`accounts:` says which account it is; until then every call is denied.",
    mend="write 12 digits in quotes, or add the alias to `accounts:`",
    check=check,
)
