"""What the README beside the weights says: what they are, how they were made, and the numbers they were measured at."""

from collections.abc import Mapping
from pathlib import Path

Numbers = Mapping[str, "float | Mapping[str, float]"]

TEXT = """# The pocket weights

A language model (`backbone/`) and an audio encoder (`encoder/`) small enough to ship with the code. They are the
default of every run, so that the whole road works on a machine without a download. Both were made by this project
from nothing: no data and no weights of others are in them. Licence: Apache-2.0.

| part | what it is | learned from |
|---|---|---|
| `backbone/` | Llama, width 192, 4 layers, tied embeddings; a token a sound name | dialogues drawn by `dialogues.py` |
| `encoder/` | Whisper encoder, width 128, 4 layers, 64 mel bins, 4 s | tagging scenes of `balsa_core.soundscapes` |

Make them again: `python -m balsa_core.pocket` (fixed seed, one thread). Measure: `python -m balsa_core.pocket --check`.

What to expect: the language model knows the wordings of the recipes and benchmarks and some six hundred sound names;
it is no chat model. Unknown names it copies letter by letter, often wrongly. Of several sounds in soft slots it may
describe one twice and leave out another, though it answers yes or no about each of them rightly. The encoder knows
thirty made sounds; of real recordings it gives a rough picture.

## Measured on held-out draws

Share of replies that are right word for word. "text": the seed text in place of the audio. "moderate" and "strong":
soft slots that resemble what an adapter emits, with less and more noise. The wording of an answer from soft slots
includes the order of the sounds.

"""


def write_card(folder: Path, numbers: Numbers) -> None:
    """Write the README of a folder of weights."""
    lines = ["| what | value |", "|---|---|"]
    for part, value in numbers.items():
        entries = value.items() if isinstance(value, Mapping) else [("", value)]
        lines += [f"| {' '.join(filter(None, [part, name]))} | {number} |" for name, number in entries]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(TEXT + "\n".join(lines) + "\n")
