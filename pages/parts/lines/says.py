"""What the scripts of the components say: in English there, here for the catalogues."""

from __future__ import annotations

from s2s.locale import later, translated

SAYS = (
    later("(the empty sentence)"),
    later("(nothing)"),
    later("Answer, word by word"),
    later("{word}, {p} sure"),
    later("{p} sure"),
    later("unsure"),
    later("sure"),
    later("The ground of each word tells how probable the model found it"),
    later("Copy"),
    later("Copied"),
    later("Source words"),
    later("Output words"),
    later("{word} looked at {words}"),
    later("{word} was looked at by {words}"),
    later("nothing: this model has no attention"),
    later("hardly any word"),
    later("in this output"),
    later("went on in the beam"),
    later("ended a sentence"),
    later("fell out of the beam"),
    later("chance took another"),
    later("forbidden by an option"),
    later("chosen"),
    later("kept"),
    later("finished"),
    later("pruned"),
    later("not drawn"),
    later("blocked"),
    later("chosen output"),
    later("other outputs"),
    later("kept, led nowhere"),
    later("Step {n} of {all}"),
    later("Step before"),
    later("Next step"),
    later("It looked at {words}"),
    later("Save the picture as {kind}"),
    later("Save:"),
    later(
        "Point at a token to see its sentence so far; click it, or press Enter, to ask What if from "
        "there."
    ),
    later("this token {p} · total {total} · normalised {score} · {fate}"),
    later("{text}, log-probability {p}, {fate}"),
    later("more to the right →"),
    later("more below ↓"),
    later("Mean of all heads"),
    later("mean"),
    later("head {n}"),
    later("layer {n}"),
    later("Layer {layer}, head {head}"),
)


def says() -> dict[str, str]:
    """What a script says → the same in the language of the interface; nothing where it is the same."""
    found = {text: translated(text) for text in SAYS}
    return {text: other for text, other in found.items() if other != text}
