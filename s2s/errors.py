"""The one error a user is meant to read: a single clear sentence, no traceback."""


class S2SError(ValueError):
    """Something the user can mend: a bad file, option, checkpoint or input."""
