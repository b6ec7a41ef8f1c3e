"""Stand-in servers on loopback and their estate (optional extra `sandbox`); core and files only beneath.

How to use it::

    estate = load_estate()                       # or load_estate(Path("other.yaml"))
    with SandboxStack.attach_or_start(Path(".harness"), estate, faults=load_faults(path)) as stack:
        stack.addresses                          # SandboxAddresses: URLs, ids, folder of the 0600 secret files
        working_configuration(stack.addresses, estate)   # YAML under which a run reaches these stand-ins
        approve_device(stack.addresses.issuer, user_code, "li")   # answers the login page as li

Importing this package loads none of moto, flask, boto3, yaml, cryptography or jwt.
"""

from harness_cli.sandbox.addresses import SandboxAddresses
from harness_cli.sandbox.errors import EstateError, SandboxError
from harness_cli.sandbox.estate import load_estate, parse_estate
from harness_cli.sandbox.faults import Fault, Faults, load_faults
from harness_cli.sandbox.login import approve_device, comment_in_jira, reply_in_slack
from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.print_config import working_configuration
from harness_cli.sandbox.stack import SandboxStack

__all__ = [
    "Estate",
    "EstateError",
    "Fault",
    "Faults",
    "SandboxAddresses",
    "SandboxError",
    "SandboxStack",
    "approve_device",
    "comment_in_jira",
    "load_estate",
    "load_faults",
    "parse_estate",
    "reply_in_slack",
    "working_configuration",
]
