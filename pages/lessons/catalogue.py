"""The lessons: code → layout. Their order is the addresses' (``pages.parts.address.LESSONS``)."""

from collections.abc import Callable

from pages.lessons.attention import attention
from pages.lessons.beyond import beyond
from pages.lessons.cells import cells
from pages.lessons.decoder import decoder
from pages.lessons.embeddings import embeddings
from pages.lessons.encoder import encoder
from pages.lessons.measuring import measuring
from pages.lessons.prose import Text
from pages.lessons.search import search
from pages.lessons.seq2seq import seq2seq
from pages.lessons.text import numbers
from pages.lessons.training import training
from pages.lessons.trouble import trouble

LESSONS: dict[str, Callable[[Text], None]] = {
    "seq2seq": seq2seq,
    "text": numbers,
    "embeddings": embeddings,
    "cells": cells,
    "encoder": encoder,
    "decoder": decoder,
    "attention": attention,
    "training": training,
    "search": search,
    "measuring": measuring,
    "trouble": trouble,
    "beyond": beyond,
}
