"""One file a command: `run(arguments)` returns the exit status."""
