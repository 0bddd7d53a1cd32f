"""Sessions in files that other programs read, and whole sessions to be taken to another computer."""
