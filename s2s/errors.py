"""The one error a user is meant to read: a single clear sentence, no traceback."""


class S2SError(ValueError):
    """Something the user can mend: a bad file, option, checkpoint or input."""


def without(extra: str) -> S2SError:
    """What to say where the packages of an optional extra are missing."""
    return S2SError(f'This needs packages that are not here: pip install "s2s[{extra}]".')
