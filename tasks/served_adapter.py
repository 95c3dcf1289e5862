"""A trained adapter as an MLflow model: rows of audio and question in, answers out.

MLflow runs this file when the model is loaded (models from code), so it holds no weights: only the adapter's folder is
logged with it, and the backbone and encoder are found by the names in `adapter.json`.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

MAX_TOKENS = 64


class ServedAdapter(PythonModel):
    """Answers questions about sounds."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load encoder, adapter and backbone."""
        from balsa_core.model.saved import load_audio_llm

        self.model = load_audio_llm(context.artifacts["adapter"])

    def predict(  # pyright: ignore[reportIncompatibleMethodOverride]  # the base class is annotated to return None
        self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None
    ) -> list[str]:
        """The answers to a table with the columns `audio` (path of a sound file) and `question`."""
        from balsa_core.audio import decode
        from balsa_core.backbone import Decoding
        from balsa_core.prompt import conversation, user_message

        asked = [
            (conversation(user_message(question)), [decode(Path(audio).read_bytes())])
            for audio, question in zip(model_input["audio"], model_input["question"], strict=True)
        ]
        return [reply.text for reply in self.model.answer(asked, Decoding(MAX_TOKENS))]


set_model(ServedAdapter())
