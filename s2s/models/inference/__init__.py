"""Trained networks made ready to search: the same function, in the form that runs fastest."""
