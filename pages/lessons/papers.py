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
    "bengio": Paper(
        "Bengio, Simard, Frasconi",
        1994,
        "Learning Long-Term Dependencies with Gradient Descent is Difficult",
        "https://doi.org/10.1109/72.279181",
    ),
    "bleu": Paper(
        "Papineni, Roukos, Ward, Zhu",
        2002,
        "BLEU: a Method for Automatic Evaluation of Machine Translation",
        "https://aclanthology.org/P02-1040/",
    ),
    "rouge": Paper(
        "Lin",
        2004,
        "ROUGE: A Package for Automatic Evaluation of Summaries",
        "https://aclanthology.org/W04-1013/",
    ),
    "clipping": Paper(
        "Pascanu, Mikolov, Bengio",
        2013,
        "On the difficulty of training Recurrent Neural Networks",
        "https://arxiv.org/abs/1211.5063",
    ),
    "dropout": Paper(
        "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov",
        2014,
        "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    "adam": Paper(
        "Kingma, Ba",
        2015,
        "Adam: A Method for Stochastic Optimization",
        "https://arxiv.org/abs/1412.6980",
    ),
    "scheduled": Paper(
        "Bengio, Vinyals, Jaitly, Shazeer",
        2015,
        "Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks",
        "https://arxiv.org/abs/1506.03099",
    ),
    "chrf": Paper(
        "Popović",
        2015,
        "chrF: character n-gram F-score for automatic MT evaluation",
        "https://aclanthology.org/W15-3049/",
    ),
    "jozefowicz": Paper(
        "Jozefowicz, Zaremba, Sutskever",
        2015,
        "An Empirical Exploration of Recurrent Network Architectures",
        "https://proceedings.mlr.press/v37/jozefowicz15.html",
    ),
    "pointer": Paper(
        "Vinyals, Fortunato, Jaitly", 2015, "Pointer Networks", "https://arxiv.org/abs/1506.03134"
    ),
    "caption": Paper(
        "Xu et al.",
        2015,
        "Show, Attend and Tell: Neural Image Caption Generation with Visual Attention",
        "https://arxiv.org/abs/1502.03044",
    ),
    "smoothing": Paper(
        "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
        2016,
        "Rethinking the Inception Architecture for Computer Vision",
        "https://arxiv.org/abs/1512.00567",
    ),
    "ranzato": Paper(
        "Ranzato, Chopra, Auli, Zaremba",
        2016,
        "Sequence Level Training with Recurrent Neural Networks",
        "https://arxiv.org/abs/1511.06732",
    ),
    "gnmt": Paper(
        "Wu et al.",
        2016,
        "Google's Neural Machine Translation System: Bridging the Gap between Human and Machine Translation",
        "https://arxiv.org/abs/1609.08144",
    ),
    "backtranslation": Paper(
        "Sennrich, Haddow, Birch",
        2016,
        "Improving Neural Machine Translation Models with Monolingual Data",
        "https://arxiv.org/abs/1511.06709",
    ),
    "diversity": Paper(
        "Li, Galley, Brockett, Gao, Dolan",
        2016,
        "A Diversity-Promoting Objective Function for Neural Conversation Models",
        "https://arxiv.org/abs/1510.03055",
    ),
    "see": Paper(
        "See, Liu, Manning",
        2017,
        "Get To The Point: Summarization with Pointer-Generator Networks",
        "https://arxiv.org/abs/1704.04368",
    ),
    "six": Paper(
        "Koehn, Knowles",
        2017,
        "Six Challenges for Neural Machine Translation",
        "https://arxiv.org/abs/1706.03872",
    ),
    "johnson": Paper(
        "Johnson et al.",
        2017,
        "Google's Multilingual Neural Machine Translation System: Enabling Zero-Shot Translation",
        "https://arxiv.org/abs/1611.04558",
    ),
    "signature": Paper(
        "Post",
        2018,
        "A Call for Clarity in Reporting BLEU Scores",
        "https://arxiv.org/abs/1804.08771",
    ),
    "gpt": Paper(
        "Radford, Narasimhan, Salimans, Sutskever",
        2018,
        "Improving Language Understanding by Generative Pre-Training",
        "https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf",
    ),
    "adamw": Paper(
        "Loshchilov, Hutter",
        2019,
        "Decoupled Weight Decay Regularization",
        "https://arxiv.org/abs/1711.05101",
    ),
    "empty": Paper(
        "Stahlberg, Byrne",
        2019,
        "On NMT Search Errors and Model Errors: Cat Got Your Tongue?",
        "https://arxiv.org/abs/1908.10090",
    ),
    "not_explanation": Paper(
        "Jain, Wallace", 2019, "Attention is not Explanation", "https://arxiv.org/abs/1902.10186"
    ),
    "explanation": Paper(
        "Wiegreffe, Pinter",
        2019,
        "Attention is not not Explanation",
        "https://arxiv.org/abs/1908.04626",
    ),
    "bart": Paper(
        "Lewis et al.",
        2020,
        "BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation, Translation, and Comprehension",
        "https://arxiv.org/abs/1910.13461",
    ),
}


def references(*codes: str) -> None:
    """The papers behind a lesson."""
    st.markdown(f"**{_('Papers')}**")
    lines = [f"- {p.who} ({p.year}). [{p.title}]({p.link})" for p in map(PAPERS.get, codes) if p]
    st.markdown("\n".join(lines))
