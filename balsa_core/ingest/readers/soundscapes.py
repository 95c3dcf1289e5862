"""Made sounds in made scenes: no download, and what is heard is known exactly.

An entry: id "soundscapes-train-17", part "made:scene:1000000017", tags ("rain", "dog bark"). The tags of a scene are
drawn from its seed, so listing a split makes no sound. Option: num_clips, the first scenes of a split.
"""

from collections.abc import Iterator

from balsa_core.audio import BadAudio, Waveform
from balsa_core.ingest.readers import Options
from balsa_core.ingest.splits import refuse_options, refuse_split
from balsa_core.records import Entry, Part
from balsa_core.soundscapes.scenes import make_scene, plan_scene

NUM_CLIPS = 400
ADDRESS = "made:scene:"
MAX_CLIPS = 1_000_000_000
FIRST_SEED = {"train": MAX_CLIPS, "test": 2 * MAX_CLIPS}  # what lies below is free for the pocket model's own training


class Soundscapes:
    """Scenes of one to three made sounds, four seconds each."""

    name = "soundscapes"
    version = "1"
    licence = "CC0-1.0"
    citation = "balsa_core.soundscapes: sounds made by arithmetic"
    splits = tuple(FIRST_SEED)

    def identity(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        """The first `num_clips` scenes of a split; the splits share no seed."""
        refuse_split(self.name, split, self.splits)
        refuse_options(self.name, options, ("num_clips",))
        num_clips = int(options.get("num_clips", NUM_CLIPS))
        if not 0 < num_clips <= MAX_CLIPS:
            raise ValueError(f"num_clips is {num_clips}, wants 1 to {MAX_CLIPS}")
        for index in range(num_clips):
            seed = FIRST_SEED[split] + index
            clip_id = f"{self.name}-{split}-{index}"
            yield Entry(
                id=clip_id,
                corpus=self.name,
                split=split,
                parts=(Part(path=f"{ADDRESS}{seed}"),),
                tags=plan_scene(seed),
                group=clip_id,
                licence=self.licence,
            )

    def load(self, root: str | None, part: Part) -> Waveform:
        """The scene of a seed."""
        if not part.path.startswith(ADDRESS):
            raise BadAudio("missing", f"{part.path} is no made scene")
        return make_scene(int(part.path.removeprefix(ADDRESS))).waveform


PLUGIN = Soundscapes()
