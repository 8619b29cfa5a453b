"""Recurrent encoder-decoders: Sutskever, Bahdanau, Luong, See."""
