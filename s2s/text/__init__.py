"""From text to ids and back: cleaning, sentences, pieces, words."""
