"""What the lessons cite."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from s2s.locale import _


class Paper(NamedTuple):
    """One reference; ``link`` is never followed by the app."""

    who: str
    year: int
    title: str
    link: str


PAPERS = {
    "elman": Paper(
        "Elman", 1990, "Finding Structure in Time", "https://doi.org/10.1207/s15516709cog1402_1"
    ),
    "lstm": Paper(
        "Hochreiter, Schmidhuber",
        1997,
        "Long Short-Term Memory",
        "https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    "bidirectional": Paper(
        "Schuster, Paliwal",
        1997,
        "Bidirectional Recurrent Neural Networks",
        "https://doi.org/10.1109/78.650093",
    ),
    "forget": Paper(
        "Gers, Schmidhuber, Cummins",
        2000,
        "Learning to Forget: Continual Prediction with LSTM",
        "https://doi.org/10.1162/089976600300015015",
    ),
    "word2vec": Paper(
        "Mikolov, Chen, Corrado, Dean",
        2013,
        "Efficient Estimation of Word Representations in Vector Space",
        "https://arxiv.org/abs/1301.3781",
    ),
    "kalchbrenner": Paper(
        "Kalchbrenner, Blunsom",
        2013,
        "Recurrent Continuous Translation Models",
        "https://aclanthology.org/D13-1176/",
    ),
    "cho": Paper(
        "Cho et al.",
        2014,
        "Learning Phrase Representations using RNN Encoder–Decoder for Statistical Machine Translation",
        "https://arxiv.org/abs/1406.1078",
    ),
    "properties": Paper(
        "Cho, van Merriënboer, Bahdanau, Bengio",
        2014,
        "On the Properties of Neural Machine Translation: Encoder–Decoder Approaches",
        "https://arxiv.org/abs/1409.1259",
    ),
    "sutskever": Paper(
        "Sutskever, Vinyals, Le",
        2014,
        "Sequence to Sequence Learning with Neural Networks",
        "https://arxiv.org/abs/1409.3215",
    ),
    "chung": Paper(
        "Chung, Gulcehre, Cho, Bengio",
        2014,
        "Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling",
        "https://arxiv.org/abs/1412.3555",
    ),
    "bahdanau": Paper(
        "Bahdanau, Cho, Bengio",
        2015,
        "Neural Machine Translation by Jointly Learning to Align and Translate",
        "https://arxiv.org/abs/1409.0473",
    ),
    "luong": Paper(
        "Luong, Pham, Manning",
        2015,
        "Effective Approaches to Attention-based Neural Machine Translation",
        "https://arxiv.org/abs/1508.04025",
    ),
    "chat": Paper(
        "Vinyals, Le", 2015, "A Neural Conversational Model", "https://arxiv.org/abs/1506.05869"
    ),
    "rush": Paper(
        "Rush, Chopra, Weston",
        2015,
        "A Neural Attention Model for Abstractive Sentence Summarization",
        "https://arxiv.org/abs/1509.00685",
    ),
    "listen": Paper(
        "Chan, Jaitly, Le, Vinyals",
        2016,
        "Listen, Attend and Spell",
        "https://arxiv.org/abs/1508.01211",
    ),
    "bpe": Paper(
        "Sennrich, Haddow, Birch",
        2016,
        "Neural Machine Translation of Rare Words with Subword Units",
        "https://arxiv.org/abs/1508.07909",
    ),
    "tied": Paper(
        "Press, Wolf",
        2017,
        "Using the Output Embedding to Improve Language Models",
        "https://arxiv.org/abs/1608.05859",
    ),
    "transformer": Paper(
        "Vaswani et al.", 2017, "Attention Is All You Need", "https://arxiv.org/abs/1706.03762"
    ),
    "bert": Paper(
        "Devlin, Chang, Lee, Toutanova",
        2019,
        "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
        "https://arxiv.org/abs/1810.04805",
    ),
    "t5": Paper(
        "Raffel et al.",
        2020,
        "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
        "https://arxiv.org/abs/1910.10683",
    ),
    "sentencepiece": Paper(
        "Kudo, Richardson",
        2018,
        "SentencePiece: A simple and language independent subword tokenizer",
        "https://arxiv.org/abs/1808.06226",
    ),
}


def references(*codes: str) -> None:
    """The papers behind a lesson."""
    st.markdown(f"**{_('Papers')}**")
    lines = [f"- {p.who} ({p.year}). [{p.title}]({p.link})" for p in map(PAPERS.get, codes) if p]
    st.markdown("\n".join(lines))
