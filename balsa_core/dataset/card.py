"""What a dataset is, for people and for the Hub: README.md with its YAML header."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from balsa_core.records import RATE_HZ, Clip, Example

NO_LICENCE = "not stated"


@dataclass(frozen=True)
class Card:
    """What the rows don't say: the name, and how many rows were turned away, by reason."""

    name: str
    rejected: Mapping[str, int] = field(default_factory=dict)


def write_card(folder: Path, examples: Sequence[Example], clips: Sequence[Clip], card: Card) -> None:
    """Write the README.md of a dataset folder."""
    sections = [
        _header(examples),
        f"# {card.name}\n\n{_summary(examples, clips)}",
        "## Examples by kind\n\n" + _table(("recipe", "examples"), Counter((row.recipe,) for row in examples)),
        "## Who wrote the targets\n\n" + _table(("backbone", "targets"), Counter((row.backbone,) for row in examples)),
        "## Clips\n\n" + _table(("corpus", "split", "clips"), Counter((clip.corpus, clip.split) for clip in clips)),
        "## Licences of the clips\n\n" + _table(("licence", "clips"), _licences(clips)),
        "## Turned away\n\n" + _table(("reason", "rows"), {(reason,): num for reason, num in card.rejected.items()}),
        _reading(),
    ]
    (folder / "README.md").write_text("\n\n".join(sections) + "\n")


def _header(examples: Sequence[Example]) -> str:
    recipes = sorted({row.recipe.split("@")[0] for row in examples})
    configs = [
        _config("examples", "examples/*.parquet", default=True),
        *(_config(recipe, f"examples/{recipe}-*.parquet") for recipe in recipes),
        _config("clips", "clips/*.parquet"),
    ]
    tags = "tags:\n- audio\n- synthetic\n- balsa"
    return "\n".join(["---", "language:\n- en", tags, "configs:", *configs, "---"])


def _config(name: str, files: str, *, default: bool = False) -> str:
    return f"- config_name: {name}\n  data_files: {files}" + ("\n  default: true" if default else "")


def _summary(examples: Sequence[Example], clips: Sequence[Clip]) -> str:
    hours = sum(clip.num_samples for clip in clips) / RATE_HZ / 3600
    return (
        f"{len(examples)} training examples about {len(clips)} clips ({hours:.2f} h of audio).\n\n"
        "The targets were written by a language model that read the metadata of each clip in place of its audio\n"
        "(BALSa, arXiv 2505.20166); the same model, frozen, learns to hear through an adapter that is trained on them."
    )


def _licences(clips: Sequence[Clip]) -> Counter[tuple[str]]:
    """How many clips are under each licence; a mixture counts for each of its own."""
    return Counter((part,) for clip in clips for part in (clip.licence or NO_LICENCE).split(" + "))


def _table(head: tuple[str, ...], counts: Mapping[tuple[str, ...], int]) -> str:
    lines = [head, ("---",) * len(head), *((*key, str(num)) for key, num in sorted(counts.items()))]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _reading() -> str:
    return f"""## Reading it

- `clips`: metadata and `pcm`, little-endian 16-bit mono at {RATE_HZ} Hz: `numpy.frombuffer(row["pcm"], "<i2")`.
- `examples`: `prompt` holds one `<|audio|>` for each of `clip_ids`; `seeds` is what the writer read there; `target` is
  what it wrote.

```python
from datasets import load_dataset

examples = load_dataset("parquet", data_files="examples/*.parquet", split="train")
clips = load_dataset("parquet", data_files="clips/*.parquet", split="train")
```"""
