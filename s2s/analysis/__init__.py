"""What is computed from traces: pure functions, one concern a file."""
