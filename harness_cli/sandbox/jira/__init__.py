"""The Jira stand-in: Cloud at `/rest/api/3` and behind the gateway, Data Center at `/rest/api/2`."""
