"""Sound files and a question in, the answer of a trained adapter out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from balsa_core.artifact import open_artifact
from balsa_core.audio import decode
from balsa_core.decoding import Decoding
from balsa_core.prompt import conversation, user_message
from flows.finished import find_finished

MAX_TOKENS = 128


def ask_about(clips: Sequence[Path], question: str, run: str, arm: str | None) -> str:
    """The answer of the adapter of a finished run; BadAudio (a ValueError) when a clip can't be read."""
    adapter = _pick_adapter(find_finished(run).road["adapters"], arm)
    waveforms = [decode(path.read_bytes()) for path in clips]

    from balsa_core.model.saved import load_audio_llm  # torch: not before the inputs are known to be good

    model = load_audio_llm(open_artifact(adapter["folder"]).local_folder())
    (reply,) = model.answer([(conversation(user_message(question, len(clips))), waveforms)], Decoding(MAX_TOKENS))
    return reply.text


def _pick_adapter(adapters: Sequence[dict[str, Any]], arm: str | None) -> dict[str, Any]:
    names = list(dict.fromkeys(entry["arm"] for entry in adapters))
    wanted = names[-1] if arm is None else arm
    if wanted not in names:
        raise ValueError(f"the run has no arm {wanted!r}: choose {', '.join(names)}")
    return next(entry for entry in adapters if entry["arm"] == wanted)
