"""`harness logout`: forget the session here, revoke it there."""

from harness_cli.commands.options import ConfigOption, ProfileOption
from harness_cli.core.exits import ExitCode


def logout(config: ConfigOption = None, profile: ProfileOption = "default") -> int:
    """Forget the login of a profile, and revoke it where the issuer can."""
    from harness_cli.commands.project import open_project
    from harness_cli.render.messages import say
    from harness_cli.runtime.people import end_login, prover_of

    had, revoked = end_login(prover_of(open_project(config).config, profile))
    if not had:
        say(f"nobody was logged in (profile {profile})")
    else:
        say(f"logged out (profile {profile}); " + ("revoked at the issuer" if revoked else "not revoked at the issuer"))
    return ExitCode.OK
