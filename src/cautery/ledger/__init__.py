"""What was given out and decided, kept so that it can be proved and cannot be read."""
