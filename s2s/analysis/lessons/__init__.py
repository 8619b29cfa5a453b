"""What the lessons compute from the reader's own sentence: pure functions, each with its law in a test."""
