"""LAM-01 to LAM-03: Lambda functions."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Document, Function, Place
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import Fault, at, each_item, policy_faults, said, subject, summed
from harness_cli.review.evaluators.public_policy import serves_any_bucket
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, missing, not_applicable

Functions: TypeAlias = Known[tuple[Function, ...]]
_NOTHING = "the region has no functions"
_KIND = "aws_lambda_function"

# deprecation dates (docs.aws.amazon.com/lambda, runtimes)
RUNTIMES_END: Final[Mapping[str, date]] = {
    "dotnet10": date(2028, 11, 14),
    "dotnet5.0": date(2022, 5, 10),
    "dotnet6": date(2024, 12, 20),
    "dotnet7": date(2024, 5, 14),
    "dotnet8": date(2026, 11, 10),
    "dotnet9": date(2026, 11, 10),
    "dotnetcore1.0": date(2019, 6, 27),
    "dotnetcore2.0": date(2019, 5, 30),
    "dotnetcore2.1": date(2022, 1, 5),
    "dotnetcore3.1": date(2023, 4, 3),
    "go1.x": date(2024, 1, 8),
    "java11": date(2027, 6, 30),
    "java17": date(2027, 6, 30),
    "java21": date(2029, 6, 30),
    "java25": date(2029, 6, 30),
    "java8": date(2024, 1, 8),
    "java8.al2": date(2027, 6, 30),
    "nodejs": date(2016, 10, 31),
    "nodejs10.x": date(2021, 7, 30),
    "nodejs12.x": date(2023, 3, 31),
    "nodejs14.x": date(2023, 12, 4),
    "nodejs16.x": date(2024, 6, 12),
    "nodejs18.x": date(2025, 9, 1),
    "nodejs20.x": date(2026, 4, 30),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
    "nodejs4.3": date(2020, 3, 5),
    "nodejs4.3-edge": date(2020, 3, 5),
    "nodejs6.10": date(2019, 8, 12),
    "nodejs8.10": date(2020, 3, 6),
    "provided": date(2024, 1, 8),
    "provided.al2": date(2026, 7, 31),
    "provided.al2023": date(2029, 6, 30),
    "python2.7": date(2021, 7, 15),
    "python3.10": date(2026, 10, 31),
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "ruby2.5": date(2021, 7, 30),
    "ruby2.7": date(2023, 12, 7),
    "ruby3.2": date(2026, 3, 31),
    "ruby3.3": date(2027, 3, 31),
    "ruby3.4": date(2028, 3, 31),
}
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # dbPassword is DB_PASSWORD
_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:[A-Z0-9]*SECRET|[A-Z0-9]*PASSW(?:OR)?D|PASS|PWD|PASSPHRASE|[A-Z0-9]*TOKEN|[A-Z0-9]*CREDENTIALS?"
    r"|[A-Z0-9]*(?:API|PRIVATE|ACCESS|ENCRYPTION|SIGNING|AUTH|MASTER)_?KEY)S?(?:_|$)"
)
_REFERENCE: Final = re.compile(
    r"_?(?:ARN|NAME|ID|PATH|URL|URI|FILE|PARAM(?:ETER)?|REF|TTL|EXPIRY|HEADER|LENGTH|LIMIT|COUNT|SIZE|ENABLED|TYPE"
    r"|ALGORITHM|VERSION|REGION|DAYS|SECONDS)$|(?:^|_)(?:MAX|MIN|NUM|COUNT)_"
)


@check(
    "LAM-01",
    "Function can be called by everybody",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="FSBP//Lambda.1 NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Name the caller in the function's policy (for S3 aws:SourceAccount), and set the address to AWS_IAM.",
    data_class="restricted",
)
def public_function(case: Case) -> Iterator[Outcome]:
    """LAM-01: by its policy, through S3 for any bucket, or by an open address; those of aliases are not read."""

    def judge(place: Place, function: Function, _: Functions) -> Iterator[Outcome]:
        policy, url = function.policy, function.url_auth
        faults = [*policy_faults(policy, Severity.CRITICAL), *_any_bucket(policy)]
        if isinstance(url, Known) and url.value == "NONE":
            faults.append(
                Fault("its address asks for no authentication", Severity.CRITICAL, at(url, "/AuthType", "NONE"))
            )
        what = subject(_KIND, function.arn, place)
        yield summed(faults, [policy, url], "only named callers get in", what, seen=(*at(policy, ""), *at(url, "")))

    return each_item(case, _NOTHING, lambda facts: facts.functions, judge)


@check(
    "LAM-02",
    "Function's runtime is out of support",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//Lambda.2 NIST-800-53r5//SI-2",
    remediation="Move the function to a supported runtime.",
)
def runtimes(case: Case) -> Iterator[Outcome]:
    """LAM-02: by AWS's deprecation dates."""

    def judge(place: Place, function: Function, fact: Functions) -> Iterator[Outcome]:
        what, seen = subject(_KIND, function.arn, place), at(fact, f"{function.pointer}/Runtime", function.runtime)
        end = RUNTIMES_END.get(function.runtime)
        if not function.runtime:
            yield not_applicable("the function is a container image", what, evidence=seen)
        elif end is None:
            yield missing(Reason.MISSING_MAPPING, "the runtime is newer than the table of this release", what)
        else:
            wrong = f"{function.runtime} is out of support since {end}"
            yield said(end >= case.now.date(), f"{function.runtime} is supported", wrong, what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.functions, judge)


@check(
    "LAM-03",
    "Function's environment has names of secrets",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="NIST-800-53r5//IA-5(7)",
    remediation="Keep the value in Secrets Manager, and its ARN in the environment.",
    release=2,
)
def environment_names(case: Case) -> Iterator[Outcome]:
    """LAM-03: by the names; values are never kept."""

    def judge(place: Place, function: Function, fact: Functions) -> Iterator[Outcome]:
        count = sum(_looks_secret(name) for name in function.environment_names)
        seen = at(fact, f"{function.pointer}/Environment/Variables", f"{count} names")
        what = subject(_KIND, function.arn, place)
        wrong = f"{count} variables are named like secrets"
        yield said(not count, "no variable is named like a secret", wrong, what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.functions, judge)


def _any_bucket(policy: Fact[Document | None]) -> list[Fault]:
    if isinstance(policy, Unread) or policy.value is None:
        return []
    return [
        Fault(
            "any bucket of anybody may call it", Severity.HIGH, at(policy, f"/Policy{one.pointer}", "s3.amazonaws.com")
        )
        for one in serves_any_bucket(policy.value)[:1]
    ]


def _looks_secret(name: str) -> bool:
    word = _HUMP.sub("_", name).upper()
    return _SECRET_NAME.search(word) is not None and _REFERENCE.search(word) is None
