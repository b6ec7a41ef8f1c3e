"""One module a command: parse, build options, call one use case, render, return an exit code."""
