"""`harness login`: the device flow in a terminal."""

from harness_cli.commands.options import ConfigOption, ProfileOption, QuietOption
from harness_cli.core.exits import ExitCode


def login(config: ConfigOption = None, profile: ProfileOption = "default", quiet: QuietOption = False) -> int:
    """Prove who you are: open the address that is shown, type the code, done.

    The session is kept for the profile in your state folder, readable by you only.
    """
    from harness_cli.commands.project import open_project
    from harness_cli.render.messages import say
    from harness_cli.runtime.people import prover_of, start_login

    prover = prover_of(open_project(config).config, profile)
    started = start_login(prover)
    say(f"open {started.code.verification_uri} and type the code {started.code.user_code}")
    if started.code.verification_uri_complete:
        say(f"or open {started.code.verification_uri_complete}")
    started.finish()
    person = prover.person_of(prover.session_token())
    if not quiet:
        say(f"logged in as {person.user_name} (role {person.role}, profile {profile})")
    return ExitCode.OK
