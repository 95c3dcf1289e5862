"""What a run is told: one frozen configuration per step, unknown fields refused.

A field that says where or how fast, and not what, is marked with `where(...)`: it is left out of the identity, so it
never changes a cache key.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(ge=0)]
Decibels = float
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]

WHERE = {"where": True}


class Frozen(BaseModel):
    """Base of every configuration: keyword-only, immutable, and deaf to unknown fields never."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def identity(self) -> dict[str, Any]:
        """The fields that change the answer."""
        return {
            name: getattr(self, name)
            for name, field in type(self).model_fields.items()
            if field.json_schema_extra != WHERE
        }


def where(default: Any = None, **kwargs: Any) -> Any:
    """A field that says where or how fast: outside the identity."""
    return Field(default, json_schema_extra=dict(WHERE), **kwargs)


class IngestConfig(Frozen):
    """Which clips come in, and which are turned away."""

    reader: str = Field(default="soundscapes", description="Corpus reader: soundscapes, esc50, manifest or folders.")
    root: str | None = where(None, description="Folder or s3:// address of the corpus; none for made sounds.")
    split: str = Field(default="train", description="Which part of the corpus, as its reader names it.")
    options: dict[str, str | int | float] = Field(
        default={}, description="Options of the reader, such as a column mapping."
    )
    num_mixtures: Count = Field(default=0, description="How many two-clip mixtures to add, made inside this split.")
    seed: Count = Field(default=0, description="Seed of the mixtures.")
    min_duration_s: Seconds = Field(default=0.2, description="Shorter clips are rejected.")
    max_duration_s: Seconds = Field(default=60.0, description="Longer clips are rejected.")
    silence_dbfs: Decibels = Field(
        default=-60.0, description="Clips whose peak is below this level are rejected as silent."
    )
    shard_size: Positive = Field(default=256, description="Clips a shard: one task, one Parquet file.")


class NegativesConfig(Frozen):
    """How sounds that are absent are drawn."""

    strategy: Literal["random", "popular", "adversarial", "mixed"] = Field(
        default="mixed",
        description="random, popular (frequent), adversarial (they occur with the present ones) or a mixture.",
    )
    min_options: Positive = Field(default=2, description="Fewest sounds an instruction offers.")
    max_options: Positive = Field(default=5, description="Most sounds an instruction offers.")


class Sampling(Frozen):
    """How the backbone decodes."""

    temperature: Annotated[float, Field(ge=0, le=2)] = Field(default=0.0, description="0 is greedy.")
    max_tokens: Positive = Field(default=64, description="A reply cut at this length is rejected.")
    seed: Count = Field(default=0, description="Seed of the sampling.")


class SynthesisConfig(Frozen):
    """Which targets the backbone writes."""

    recipes: tuple[str, ...] = Field(
        default=("positive", "negative", "combined", "difference", "joint"), description="Kinds of target to write."
    )
    per_clip: Positive = Field(default=2, description="Examples of each single-clip recipe per clip.")
    pairs_per_clip: Positive = Field(default=1, description="Examples of each two-clip recipe per clip.")
    negatives: NegativesConfig = NegativesConfig()
    sampling: Sampling = Sampling()
    max_attempts: Positive = Field(
        default=3, description="How often a rejected target is drawn again with another seed."
    )
    seed: Count = Field(default=0, description="Seed of wordings, options and pairs.")
    engine: str = Field(
        default="transformers", description="LLM engine: transformers (in process) or openai (an endpoint)."
    )
    served_name: str | None = Field(default=None, description="The model's name at the endpoint; none: the backbone's.")
    endpoint: str | None = where(None, description="Base address of an OpenAI-compatible endpoint.")
    batch_size: Positive = where(64, description="Prompts a batch.")


class AdapterConfig(Frozen):
    """The small part that learns."""

    kind: Literal["qformer", "mlp"] = Field(default="qformer", description="Q-Former, or a linear/MLP projection.")
    num_queries: Positive = Field(default=64, description="Q-Former: learned queries per tapped layer = audio tokens.")
    num_layers: Positive = Field(default=2, description="Q-Former: decoder layers.")
    width: Positive | None = Field(
        default=None, description="Q-Former: hidden width; none: the encoder's, as in the papers."
    )
    ffn_width: Positive = Field(default=3072, description="Q-Former: feed-forward width.")
    taps: tuple[int, ...] | None = Field(
        default=None, description="Encoder layers read, from 0; none: the encoder's own choice."
    )
    stack: Positive = Field(default=8, description="MLP: encoder frames stacked into one audio token.")
    hidden_width: Count = Field(default=0, description="MLP: hidden width; 0 is one linear map.")


class TrainingConfig(Frozen):
    """How the adapter learns. Defaults are DeSTA2's."""

    adapter: AdapterConfig = AdapterConfig()
    steps: Positive = Field(default=1000, description="Optimizer steps.")
    batch_size: Positive = Field(default=16, description="Examples a step, over all processes.")
    learning_rate: Annotated[float, Field(gt=0)] = Field(default=1e-4, description="Peak learning rate of AdamW.")
    warmup_steps: Count = Field(default=100, description="Linear warm-up, then cosine to zero.")
    weight_decay: Annotated[float, Field(ge=0)] = Field(default=0.01, description="AdamW weight decay.")
    clip_norm: Annotated[float, Field(gt=0)] = Field(default=1.0, description="Gradient norm limit.")
    seed: Count = Field(default=0, description="Seed of initialisation and data order.")
    dtype: Literal["float32", "bfloat16"] = Field(default="float32", description="Compute type of the frozen parts.")
    num_processes: Positive = where(1, description="Processes of torchrun; the losses do not depend on it.")
    checkpoint_every: Positive = where(100, description="Steps between checkpoints.")
    feature_cache_mb: Count = where(2048, description="Memory for frozen encoder features; 0 encodes at each step.")


class EvaluationConfig(Frozen):
    """What is asked of a trained adapter."""

    benchmarks: tuple[str, ...] = Field(
        default=("object_existence", "generative_hallucination", "multi_audio"), description="Benchmarks to run."
    )
    questions_per_clip: Positive = Field(
        default=4, description="Object existence: questions a clip, half of them absent."
    )
    num_pairs: Positive = Field(default=100, description="Multi-audio: pairs of clips, each asked in both orders.")
    negatives: Literal["random", "popular", "adversarial", "mixed"] = Field(
        default="adversarial", description="How the absent sounds are drawn."
    )
    max_tokens: Positive = Field(default=32, description="Longest response.")
    seed: Count = Field(default=0, description="Seed of the questions.")
    batch_size: Positive = where(64, description="Questions a batch.")


class ArmConfig(Frozen):
    """One arm of the comparison: an adapter trained on some of the recipes."""

    name: str = Field(description="Name in tables and plots.")
    recipes: tuple[str, ...] = Field(default=(), description="Recipes it learns from; none: the untrained adapter.")
    init_from: str | None = Field(default=None, description="Arm whose adapter it starts from.")
    steps: Positive | None = Field(default=None, description="Steps, when other than the run's.")


class RunConfig(Frozen):
    """The whole road: audio, backbone, encoder, targets, arms and questions."""

    name: str = Field(default="demo", description="Name of the run.", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    backbone: str = Field(default="pocket", description="Causal LM: pocket, a folder, or a Hugging Face id.")
    encoder: str = Field(default="pocket", description="Audio encoder: pocket, a folder, or a Hugging Face id.")
    train: IngestConfig = IngestConfig()
    test: IngestConfig = IngestConfig(split="test")
    synthesis: SynthesisConfig = SynthesisConfig()
    training: TrainingConfig = TrainingConfig()
    arms: tuple[ArmConfig, ...] = Field(default=(), description="Adapters to train and compare.")
    baseline: str | None = Field(
        default=None, description="Arm that the others are tested against; none: the first one."
    )
    evaluation: EvaluationConfig = EvaluationConfig()
    seeds: tuple[int, ...] = Field(default=(0,), description="Training seeds; each arm is trained once per seed.")

    @model_validator(mode="after")
    def _arms_fit(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names):
            raise ValueError(f"arm names must differ, found {names}")
        if self.baseline is not None and self.baseline not in names:
            raise ValueError(f"the baseline {self.baseline!r} is no arm: choose {names}")
        for index, arm in enumerate(self.arms):
            missing = set(arm.recipes) - set(self.synthesis.recipes)
            if missing:
                raise ValueError(f"arm {arm.name!r} wants recipes {sorted(missing)} that synthesis does not write")
            if arm.init_from is not None and arm.init_from not in names[:index]:
                raise ValueError(
                    f"arm {arm.name!r} starts from {arm.init_from!r}: choose an arm before it, {names[:index]}"
                )
        return self
