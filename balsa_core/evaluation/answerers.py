"""Who answers the questions: a model that hears the clips, or its backbone that reads their seed texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from balsa_core.audio import Waveform
from balsa_core.backbone import Backbone, generate
from balsa_core.decoding import Decoding, Reply
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.prompt import conversation, encode, render
from balsa_core.records import Question


@dataclass(frozen=True)
class AudioAnswerer:
    """A model that hears; `waveforms` holds the clips by id."""

    model: AudioLLM
    waveforms: Mapping[str, Waveform]
    decoding: Decoding

    def length(self, question: Question) -> int:
        """Samples of its clips."""
        return sum(waveform.shape[0] for waveform in self._clips(question))

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The model's replies; a clip that several questions share is encoded once."""
        asked = [(conversation(question.prompt), self._clips(question)) for question in questions]
        return self.model.answer(asked, self.decoding, batch_size=len(asked))

    def _clips(self, question: Question) -> list[Waveform]:
        missing = [clip_id for clip_id in question.clip_ids if clip_id not in self.waveforms]
        if missing:
            raise ValueError(f"question {question.id!r} is about clip {missing[0]!r}, whose audio was not given")
        return [self.waveforms[clip_id] for clip_id in question.clip_ids]


@dataclass(frozen=True)
class TextAnswerer:
    """The text ceiling: the bare backbone, which reads each clip's seed text where the audio would be."""

    backbone: Backbone
    decoding: Decoding

    def length(self, question: Question) -> int:
        """Tokens of its prompt."""
        return len(self._ids(question))

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The backbone's replies, one batch."""
        prompts = [torch.tensor(self._ids(question), device=self.backbone.device) for question in questions]
        return generate(self.backbone, prompts, self.decoding) if prompts else []

    def _ids(self, question: Question) -> list[int]:
        tokenizer = self.backbone.tokenizer
        fillings = [encode(tokenizer, seed) for seed in question.seeds]
        return render(tokenizer, conversation(question.prompt), fillings).ids
