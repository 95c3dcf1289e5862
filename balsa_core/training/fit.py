"""A dataset, a backbone and an encoder in; a trained adapter out."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from balsa_core.audio import Waveform
from balsa_core.config import Frozen, TrainingConfig
from balsa_core.identity import canonical, canonical_json, sha256_file
from balsa_core.model.adapters import count_parameters
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.model.saved import WEIGHTS, load_weights, open_audio_llm, save_adapter
from balsa_core.records import Clip, Example
from balsa_core.training.batches import Batches
from balsa_core.training.checkpoints import remove_checkpoints
from balsa_core.training.distributed import World
from balsa_core.training.features import FeatureStore, open_features
from balsa_core.training.journal import Journal
from balsa_core.training.loop import Run, train

VERSION = "1"

OnMetrics = Callable[[int, dict[str, float]], None]
