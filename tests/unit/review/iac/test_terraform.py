import time

import pytest

from harness_cli.review.iac.model import HOLE, Partial, Ref, Unknown
from harness_cli.review.iac.prescan import DEPTH, FILE_CHARACTERS, UnreadableCodeError, prescan
from harness_cli.review.iac.terraform import blocks_of, is_absent, json_blocks, parse_hcl, scope_of, variables_of


def blocks(text):
    file = parse_hcl("main.tf", text)
    return {block.address: block for block in blocks_of(file, scope_of([file], variables_of([file])))}


def value(expression, more=""):
    return blocks(f'{more}\nresource "t" "n" {{\n  x = {expression}\n}}')["t.n"].get("x")


VALUES = [
    ('"plain"', "plain"),
    ('"a\\"b\\n\\u0041$${x}"', 'a"b\nA${x}'),
    ("-5", -5),
    ("1.5", 1.5),
    ("true", True),
    ("!true", False),
    ("null", None),
    ('["a", 1, [true]]', ("a", 1, (True,))),
    ('{ a = 1, "b" : "c" }', {"a": 1, "b": "c"}),
    ("(1)", 1),
    ("var.known", "v"),
    ('"<${var.known}>"', "<v>"),
    ('"${var.known}"', "v"),
    ('"<${var.unknown}>"', "<" + HOLE + ">"),
    ("local.chain", "v"),
    ("local.map.deep[1]", "two"),
    ("local.missing", Unknown),
    ("local.loop", Unknown),
    ("var.unknown", Unknown),
    ("aws_vpc.main.id", Ref("aws_vpc.main.id")),
    ("aws_vpc.main[0].id", Ref("aws_vpc.main.id")),
    ("data.aws_iam_policy_document.x.json", Ref("data.aws_iam_policy_document.x.json")),
    ('var.known == "v" ? "yes" : "no"', "yes"),
    ('var.unknown == "v" ? "same" : "same"', "same"),
    ('var.unknown == "v" ? "yes" : "no"', Unknown),
    ("true && false", False),
    ("false && var.unknown", False),
    ("true || var.unknown", True),
    ("true && var.unknown", Unknown),
    ("1 + 2 * 3 - 4", 3),
    ("2 > 1 && 1 <= 1", True),
    ("1 / 0", Unknown),
    ('"a" < "b"', Unknown),
    ("true + 1", Unknown),
    ("var.unknown + 1", Unknown),
    ("[for x in var.unknown : x]", Unknown),
    ('[for x in ["10.0.0.1", "0.0.0.0"] : "${x}/0"]', ("10.0.0.1/0", "0.0.0.0/0")),
    ("[for i, x in [5, 7] : i + x]", (5, 8)),
    ("[for k, v in { a = 1, b = 2 } : v if k != local.map.deep[0]]", (1, 2)),
    ("[for x in [1, 2, 3] : x if x > 1]", (2, 3)),
    ("[for x in [1] : x if var.unknown]", Unknown),
    ("[for x in [[1, 2], [3]] : [for y in x : y]]", ((1, 2), (3,))),
    ("[for x in [1] : y]", (Unknown("y"),)),
    ("[for x in [] : x]", ()),
    ('{ for x in ["a", "b"] : x => "${x}!" }', {"a": "a!", "b": "b!"}),
    ("{ for x in [1, 1] : x => x... }", {"1": (1, 1)}),
    ("{ for x in [1] : var.unknown => x }", Unknown),
    ("local.list[*].port", (22, 443)),
    ("local.list.*.port", (22, 443)),
    ("aws_security_group.a[*].id", (Ref("aws_security_group.a.id"),)),
    ("var.unknown[*].id", Unknown),
    ('jsonencode({ A = ["*"] })', {"A": ("*",)}),
    ('concat(["a"], ["b"])', ("a", "b")),
    ("merge({ a = 1 }, { a = 2 })", {"a": 2}),
    ('lower("ABC")', "abc"),
    ('tobool("true")', True),
    ('join("/", ["a", "b"])', "a/b"),
    ('lookup({ a = 1 }, "b", 3)', 3),
    ("length(5)", Unknown),
    ('file("secret.txt")', Unknown),
    ('<<EOT\n{"a": "${var.known}"}\nEOT', '{"a": "v"}\n'),
    ("<<-EOT\n    deep\n      deeper\n    EOT", "deep\n  deeper\n"),
    ("<<EOT\n${aws_x.y.arn}/*\nEOT", HOLE + "/*\n"),
]

SCOPE = """
variable "known" { default = "v" }
variable "unknown" {}
locals {
  chain = local.next
  next  = var.known
  map   = { deep = ["one", "two"] }
  list  = [{ port = 22 }, { port = 443 }]
  loop  = local.pool
  pool  = local.loop
}
"""


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_expression(expression, expected):
    found = value(expression, SCOPE)
    if expected is Unknown:
        assert isinstance(found, Unknown)
    elif isinstance(found, Partial):
        assert found.text == expected
    else:
        assert found == expected
        assert type(found) is type(expected)


def test_blocks_and_lines_keep_their_place():
    found = blocks(
        """# a comment
/* two
   lines */
resource "aws_security_group" "db" {
  name = <<EOT
text
EOT
  ingress { # inline
    from_port = 1
  }
  ingress {
    from_port   = 2
    cidr_blocks = ["10.0.0.0/8"]
  }
}
"""
    )["aws_security_group.db"]
    assert found.line == 4
    assert [rule["from_port"] for rule in found.nested("ingress")] == [1, 2]
    assert found.line_of("ingress.1.cidr_blocks") == 13
    assert found.line_of("nothing") == 4


def test_dynamic_blocks_are_written_out_where_the_code_tells():
    code = """resource "g" "n" {
  dynamic "rule" {
    for_each = %s
    content { port = rule.value }
  }
}"""
    assert [rule["port"] for rule in blocks(code % "[1, 2]")["g.n"].nested("rule")] == [1, 2]
    assert isinstance(blocks(code % "var.ports")["g.n"].nested("rule")[0], Unknown)


def test_count_zero_and_empty_for_each_leave_nothing():
    assert is_absent(blocks('resource "t" "n" { count = 0 }')["t.n"])
    assert is_absent(blocks('resource "t" "n" { for_each = {} }')["t.n"])
    assert not is_absent(blocks('resource "t" "n" { count = var.n }')["t.n"])


def test_json_syntax_is_read_and_its_expressions_are_unknown():
    text = '{"resource": {"aws_s3_bucket": {"b": {"acl": "public-read", "bucket": "${var.x}"}}}}'
    (block,) = json_blocks("main.tf.json", text)
    assert (block.address, block.get("acl")) == ("aws_s3_bucket.b", "public-read")
    assert isinstance(block.get("bucket"), Unknown)


UNREADABLE = {
    "too large": "#" * (FILE_CHARACTERS + 1),
    "nested too deep": "x = " + "[" * (DEPTH + 1) + "]" * (DEPTH + 1),
    "deep interpolation": "x = " + '"${' * 100,
    "unclosed bracket": "a {",
    "brackets that do not match": "a { ) }",
    "unclosed string": 'x = "a',
    "unclosed comment": "/* a",
    "unclosed heredoc": "x = <<EOT\nabc",
    "no HCL": "= = =\n",
    "control characters": "x = \0",
    "our own mark": 'x = "\x010"',
    "endless chain": "x = a" + ".b" * 50_000,
    "endless sum": "x = 1" + " + 1" * 50_000,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_hostile_code_is_refused_and_never_crashes(name):
    with pytest.raises(UnreadableCodeError):
        list(blocks_of(parse_hcl("x.tf", 'resource "t" "n" {\n' + UNREADABLE[name] + "\n}"), scope_of([], {})))


@pytest.mark.parametrize(
    "text", ["\n" * 100_000, "x = <<EOT\n" + "\n" * 100_000 + "EOT\n", "/* " + "\n" * 100_000 + "*/"]
)
def test_the_scan_is_linear(text):
    assert prescan(text).code.count("\n") == text.count("\n")


@pytest.mark.slow
def test_the_largest_file_is_parsed_in_seconds():
    line = '  x = [1, "${var.y}", { a = 1 }]\n'
    text = 'resource "a" "b" {\n' + line * ((FILE_CHARACTERS - 100) // len(line)) + "}\n"
    began = time.process_time()
    parse_hcl("x.tf", text)
    assert time.process_time() - began < 10
