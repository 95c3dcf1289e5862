"""Models as inputs of tasks: a name that is known by its content, and loaded once per process."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from balsa_core.weights import Role, model_identity

if TYPE_CHECKING:
    from balsa_core.backbone import Backbone


IN_PROCESS = "transformers"


@dataclass(frozen=True)
class ModelRef:
    """A model by name ("pocket", a folder or a Hub id); its identity is its content, not its place."""

    name: str
    role: Role

    def identity(self) -> str:
        """Digest of the folder's files, or the Hub id at its commit."""
        return model_identity(self.name, self.role)


@dataclass(frozen=True)
class Writer:
    """The LLM that writes targets: in process, known by its content; behind an endpoint, by engine and name."""

    engine: str
    name: str

    def identity(self) -> str:
        """The same as each example says of its writer."""
        return model_identity(self.name, "backbone") if self.engine == IN_PROCESS else f"{self.engine}:{self.name}"


@cache
def loaded_backbone(name: str, device: str) -> "Backbone":
    """The frozen LM, loaded on first use. torch is imported here, so that flows that need no model start fast."""
    from balsa_core.backbone import load_backbone

    return load_backbone(name, device=device)
