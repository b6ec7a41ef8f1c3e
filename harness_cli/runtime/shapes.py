"""Parameters and answers against their JSON Schemas; free text in its box counts as a string."""

from functools import lru_cache
from typing import Any

from harness_cli.core.untrusted import Untrusted
from harness_cli.policy.operations import JsonSchema

_COMPILED: dict[tuple[str, str], tuple[JsonSchema, Any]] = {}  # Any: a validator of jsonschema


def problem_of(operation: str, side: str, schema: JsonSchema, value: Any) -> str:
    """The first mismatch in the order of the path, without the value; "" where there is none."""
    key = (operation, side)
    if key not in _COMPILED or _COMPILED[key][0] is not schema:
        _COMPILED[key] = (schema, _validator_class()(dict(schema)))
    errors = sorted(
        _COMPILED[key][1].iter_errors(value), key=lambda error: (list(map(str, error.absolute_path)), error.validator)
    )
    if not errors:
        return ""
    where = "/".join(str(part) for part in errors[0].absolute_path) or "the whole"
    return f"{side} do not fit their schema at {where} ({errors[0].validator})"


@lru_cache(maxsize=1)
def _validator_class() -> Any:  # Any: jsonschema makes the class at run time
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    base = Draft202012Validator
    checker = base.TYPE_CHECKER.redefine_many(
        {
            "string": lambda _, value: isinstance(value, str | Untrusted),
            "object": lambda _, value: isinstance(value, dict),
            "array": lambda _, value: isinstance(value, list | tuple),
        }
    )
    return extend(base, type_checker=checker)  # type: ignore[no-untyped-call]
