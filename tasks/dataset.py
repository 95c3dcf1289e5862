"""Clips and targets in, the Parquet dataset out."""

from collections import Counter
from collections.abc import Sequence

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.clips import read_clips, read_pcm
from balsa_core.dataset.build import VERSION, write_dataset
from balsa_core.dataset.card import Card
from balsa_core.dataset.leaks import leaking_clips, remove_leaks
from balsa_core.records import Example
from tasks.caching import Work, cached
from tasks.site import Site
from tasks.synthesis import TABLE
from tasks.tracking import counts, track


@cached("dataset", VERSION)
def build_dataset(
    work: Work, *, site: Site, name: str, clips: Artifact, held_out: Artifact, targets: Sequence[Artifact]
) -> Artifact:
    """The dataset of all targets that are about no held-out clip; each clip's audio once."""
    known, tested = read_clips(clips), read_clips(held_out)
    examples = [example for part in targets for example in part.records(TABLE, Example)]
    guarded = remove_leaks(examples, known, tested)
    leaks = {leak.id for leak in leaking_clips(known, tested)}
    # All other clips, with examples or without: so the audio does not change with one recipe's targets.
    used = [clip for clip in known if clip.id not in leaks]
    inputs = {"clips": clips, "held_out": held_out, **{f"targets_{index}": part for index, part in enumerate(targets)}}
    with (
        track(site, work.place, {"name": name}, inputs) as step,
        new_artifact(work.place, inputs=list(inputs.values()), config=work.config, code=work.code) as draft,
    ):
        draft.rows = len(guarded.kept)
        draft.reject(guarded.rejected)
        before = [Counter(part.manifest["rejected"]) for part in (clips, *targets)]
        card = Card(name, sum(before, draft.rejected.copy()))
        write_dataset(draft.folder, guarded.kept, used, read_pcm(clips, used), card)
        draft.notes = {"mlflow_run": step.run_id}
        step.metrics(counts(draft) | {"clips": len(used)})
    return draft.result()
