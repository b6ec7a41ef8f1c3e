"""The rules of `validate-config`, one file each."""
