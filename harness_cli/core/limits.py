"""Every bound of the program, by name; each has a test that hits it."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# configuration files (config-rules.md H005)
CONFIG_BYTES: Final = 256 * KIB
CONFIG_DEPTH: Final = 32
CONFIG_NODES: Final = 20_000

# answers from outside (identity-credentials-approvals.md §2, untrusted-text.md §4)
RESPONSE_BYTES: Final = 5 * MIB
JSON_DEPTH: Final = 64
PAGES: Final = 50
ITEMS: Final = 5_000
REQUEST_SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 5.0
RETRIES: Final = 3

# one run, unless `limits` in the configuration says less
RUN_CALLS: Final = 2_000
RUN_SECONDS: Final = 300
RUN_BYTES: Final = 200 * MIB

# credentials
LEASE_SECONDS: Final = 900
LEASE_RENEW_SECONDS: Final = 30
REVOKE_SECONDS: Final = 5.0

# audit
EVENT_BYTES: Final = 64 * KIB
AUDIT_MIN_FREE: Final = 16 * MIB
BALLAST_BYTES: Final = 256 * KIB
AUDIT_FILE_BYTES: Final = 1024 * MIB  # a trace, a kept policy; such a trace would take some 100,000 calls
SIGNATURES_CHECKED: Final = 5_000  # of the checkpoint log, where one trace is asked about: some half a second
LEDGER_BYTES: Final = 64 * 1024 * MIB
