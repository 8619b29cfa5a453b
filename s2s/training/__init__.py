"""Training: the loop and everything that it turns."""
