"""The command line: one module a command, no logic. Everything below is imported when a command runs."""
