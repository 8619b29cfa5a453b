"""Encoder-decoders of the library ``transformers``, behind our contract. The library is an extra."""
