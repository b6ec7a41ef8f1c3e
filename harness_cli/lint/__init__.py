"""The rules of `validate-config`: one file a rule, each with its docs and samples (design: config-rules.md)."""
