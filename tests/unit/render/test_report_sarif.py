"""SARIF as GitHub code scanning takes it."""

import json
from dataclasses import replace

import jsonschema

from harness_cli.render.report_sarif import render_sarif
from harness_cli.review.finding import IacPlace, Severity, Subject
from tests.simulators.reports import CODE, HEAD, document, finding, findings

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^(?!/)[A-Za-z0-9_.~/%-]+$"}},
                },
                "region": {"required": ["startLine"], "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"],
    "properties": {
        "id": {"type": "string", "maxLength": 255},
        "name": {"type": "string", "maxLength": 255},
        "shortDescription": {**TEXT, "properties": {"text": {"type": "string", "maxLength": 1024}}},
        "fullDescription": {**TEXT, "properties": {"text": {"type": "string", "maxLength": 1024}}},
        "help": TEXT,
        "helpUri": {"type": "string", "pattern": "^https://"},
        "defaultConfiguration": {"required": ["level"], "properties": {"level": LEVEL}},
        "properties": {
            "required": ["security-severity", "tags"],
            "properties": {
                "security-severity": {"type": "string", "pattern": r"^\d+\.\d$"},
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "tags": {"type": "array", "maxItems": 20, "contains": {"const": "security"}},
            },
        },
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "message", "locations", "partialFingerprints"],
    "properties": {
        "ruleIndex": {"type": "integer", "minimum": 0},
        "kind": {"const": "fail"},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "maxItems": 10, "items": LOCATION},
        "relatedLocations": {"type": "array", "items": {**LOCATION, "required": ["id", "physicalLocation"]}},
        "partialFingerprints": {
            "type": "object",
            "required": ["primaryLocationLineHash"],
            "additionalProperties": {"type": "string"},
        },
    },
}
TAKEN_BY_GITHUB = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {"rules": {"type": "array", "items": RULE}},
                            }
                        },
                    },
                    "automationDetails": {"required": ["id"], "properties": {"id": {"type": "string"}}},
                    "invocations": {"type": "array", "items": {"required": ["executionSuccessful"]}},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}


def log(**changes):
    made = json.loads(render_sarif(document(**changes)))
    jsonschema.validate(made, TAKEN_BY_GITHUB)
    return made


def test_only_failures_with_file_and_line_are_results() -> None:
    (run,) = log()["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["GH-21", "X-04"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "envs/prod/network/security_groups.tf"},
        "region": {"startLine": 41},
    }


def test_place_without_line_is_no_result() -> None:
    lineless = Subject("file", "acme/infra-core/x.tf", iac=IacPlace("acme/infra-core", "x.tf", 0, HEAD))
    (run,) = log(rows=(finding("GH-24", "t", Severity.HIGH, "m", lineless),))["runs"]
    assert run["results"] == []


def test_each_result_names_its_rule() -> None:
    (run,) = log()["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_each_repository_is_a_run_of_its_own_category() -> None:
    other = Subject("file", "acme/payroll/main.tf", iac=IacPlace("acme/payroll", "main.tf", 3, HEAD))
    both = finding("X-01", "t", Severity.HIGH, "m", Subject("file", "a", iac=CODE), other)
    runs = log(rows=(both,))["runs"]
    assert [run["properties"]["repository"] for run in runs] == ["acme/infra-core", "acme/payroll"]
    categories = [run["automationDetails"]["id"].rpartition("/")[0] for run in runs]
    assert categories == ["harness/acme/infra-core", "harness/acme/payroll"]
    assert [len(run["results"][0]["locations"]) for run in runs] == [1, 1]


def test_restricted_evidence_is_digest_and_pointer() -> None:
    row = replace(findings()[0], data_class="restricted")
    ((result,),) = (run["results"] for run in log(rows=(row,))["runs"])
    (evidence,) = result["properties"]["evidence"]
    assert evidence["digest"].startswith("sha256:")
    assert "value" not in evidence


def test_waived_result_is_suppressed() -> None:
    row = replace(findings()[0], waiver="known (waived by li until 2027-01-31)")
    ((result,),) = (run["results"] for run in log(rows=(row,))["runs"])
    assert result["suppressions"] == [{"kind": "external", "justification": row.waiver}]


def test_review_that_could_not_look_is_not_successful() -> None:
    (run,) = log()["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    notes = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert any("KMS-02" in note for note in notes)


def test_uri_is_relative_and_quoted() -> None:
    odd = Subject("file", "x", iac=IacPlace("acme/infra-core", "/a b/ü#?\udc80.tf", 2, HEAD))
    ((result,),) = (run["results"] for run in log(rows=(finding("GH-25", "t", Severity.LOW, "m", odd),))["runs"])
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("a%20b/%C3%BC%23%3F")
