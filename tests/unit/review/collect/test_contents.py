from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect.contents import TOP, changed_folders
from tests.simulators.case_builder import DENIED, changed, known


def test_folders_of_local_modules_are_read_with_the_code_that_calls_them():
    code = (
        'module "a" {\n source = "../db"\n}\nmodule "b" { source = "./net/x" }\nmodule "c" { source = "../../../up" }'
    )
    files = known((changed("envs/dev/main.tf"), changed("README.md"), changed("top.tf")))
    texts = {("envs/dev/main.tf", "head"): known(Untrusted(code)), ("envs/dev/x.tf", "base"): DENIED}
    assert changed_folders(files, texts) == ("envs/dev", "envs/db", "envs/dev/net/x", TOP)
    assert changed_folders(DENIED, texts) == ()
