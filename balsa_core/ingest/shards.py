"""Entries of a corpus in, clips with their audio out: each entry is kept, or rejected with a reason.

missing, unreadable, truncated, empty, silent, not_finite, too_short, too_long: the sound is at fault.
no_metadata: nothing is known of what is heard. duplicate_id, duplicate_audio: there is such a clip already.
"""

from collections.abc import Iterable, Iterator, Sequence

from balsa_core.artifact import Draft
from balsa_core.audio import BadAudio, Limits, Waveform, check, pcm_sha256, to_pcm
from balsa_core.clips import TABLE, write_audio
from balsa_core.ingest.mixing import mix_parts
from balsa_core.ingest.readers import Reader
from balsa_core.records import Clip, Entry, Reject

VERSION = "1"

Result = tuple[Clip, bytes] | Reject


def split_shards(entries: Sequence[Entry], shard_size: int) -> list[list[Entry]]:
    """The entries in pieces of `shard_size`, in order."""
    return [list(entries[first : first + shard_size]) for first in range(0, len(entries), shard_size)]


def read_shard(entries: Iterable[Entry], reader: Reader, root: str | None, limits: Limits) -> Iterator[Result]:
    """Each entry as a clip and its 16-bit PCM, or as a reject: exactly one of both."""
    ids: set[str] = set()
    sounds: dict[str, str] = {}
    for entry in entries:
        try:
            if entry.id in ids:
                raise BadAudio("duplicate_id", "an earlier clip of the shard has this id")
            clip, pcm = _read_clip(entry, reader, root, limits)
            if clip.audio_sha256 in sounds:
                raise BadAudio("duplicate_audio", f"the same samples as {sounds[clip.audio_sha256]}")
        except BadAudio as exc:
            yield Reject(id=entry.id, reason=exc.reason, detail=exc.detail)
        else:
            ids.add(clip.id)
            sounds[clip.audio_sha256] = clip.id
            yield clip, pcm


def write_shard(draft: Draft, results: Iterable[Result]) -> None:
    """Write what `read_shard` yields as it comes: table clips with audio, table rejects. Memory: one row group."""
    rejects: list[Reject] = []
    draft.rows += write_audio(draft.folder / f"{TABLE}.parquet", _kept(results, rejects))
    draft.reject(rejects)


def _kept(results: Iterable[Result], rejects: list[Reject]) -> Iterator[tuple[Clip, bytes]]:
    """The clips; rejects are put aside."""
    for result in results:
        if isinstance(result, Reject):
            rejects.append(result)
        else:
            yield result


def _read_clip(entry: Entry, reader: Reader, root: str | None, limits: Limits) -> tuple[Clip, bytes]:
    if not (entry.tags or entry.caption or entry.transcript or entry.attributes):
        raise BadAudio("no_metadata", "no tag, caption, transcript or attribute says what is heard")
    waveform = _load_parts(entry, reader, root, limits)
    check(waveform, limits)
    pcm = to_pcm(waveform)
    clip = Clip(
        id=entry.id,
        corpus=entry.corpus,
        split=entry.split,
        tags=entry.tags,
        caption=entry.caption,
        transcript=entry.transcript,
        attributes=entry.attributes,
        group=entry.group,
        licence=entry.licence,
        num_samples=waveform.shape[0],
        audio_sha256=pcm_sha256(pcm),
    )
    return clip, pcm


def _load_parts(entry: Entry, reader: Reader, root: str | None, limits: Limits) -> Waveform:
    """The audio of an entry. Each part of a mixture has to pass alone: the tag of a silent part would be false."""
    waveforms = [reader.load(root, part) for part in entry.parts]
    if len(waveforms) == 1:
        return waveforms[0]
    for waveform in waveforms:
        check(waveform, limits)
    return mix_parts(waveforms, entry.parts)
