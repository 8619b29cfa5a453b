"""Commands with a file of their own; ``cli`` gives them their place."""
