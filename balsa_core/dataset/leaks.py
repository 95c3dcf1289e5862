"""Which training clips must not be trained on, because they are, hold or come from a held-out one."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from balsa_core.records import Clip, Example, Reject


class Guarded(NamedTuple):
    """The examples that may be trained on, and those that may not, with the reason."""

    kept: list[Example]
    rejected: list[Reject]


def remove_leaks(examples: Sequence[Example], clips: Sequence[Clip], held_out: Sequence[Clip]) -> Guarded:
    """The examples without those about a clip that leaks; `clips` are the training clips that they are about."""
    leaks = {leak.id: leak for leak in leaking_clips(clips, held_out)}
    kept: list[Example] = []
    rejected: list[Reject] = []
    for example in examples:
        found = next((leaks[clip_id] for clip_id in example.clip_ids if clip_id in leaks), None)
        if found is None:
            kept.append(example)
        else:
            rejected.append(Reject(id=example.id, reason=found.reason, detail=f"clip {found.id}: {found.detail}"))
    return Guarded(kept, rejected)


def leaking_clips(clips: Iterable[Clip], held_out: Sequence[Clip]) -> list[Reject]:
    """The clips that share their id, their audio, or a group of their corpus with a held-out clip.

    Reasons: held_out_id, held_out_audio, held_out_group. A mixture has the groups of both its clips.
    """
    ids = {clip.id for clip in held_out}
    audio = {clip.audio_sha256: clip.id for clip in held_out}
    groups = {group: clip.id for clip in held_out for group in _groups(clip)}
    rejects = []
    for clip in clips:
        shared = sorted(_groups(clip) & groups.keys())
        if clip.id in ids:
            rejects.append(Reject(id=clip.id, reason="held_out_id", detail="a held-out clip has this id"))
        elif clip.audio_sha256 in audio:
            detail = f"the samples are those of {audio[clip.audio_sha256]}"
            rejects.append(Reject(id=clip.id, reason="held_out_audio", detail=detail))
        elif shared:
            detail = f"{groups[shared[0]]} is of the same group {shared[0][1]!r}"
            rejects.append(Reject(id=clip.id, reason="held_out_group", detail=detail))
    return rejects


def _groups(clip: Clip) -> set[tuple[str, str]]:
    return {(clip.corpus, group) for group in clip.group.split("+") if group}
