"""A trained adapter as a folder: `adapter.safetensors` and `adapter.json`, which says what it belongs to.

Only the adapter is stored. Encoder and backbone are named and identified, and checked when the folder is loaded.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from balsa_core.backbone import DTYPES, load_backbone, pick_device
from balsa_core.config import AdapterConfig
from balsa_core.identity import canonical
from balsa_core.model.adapters import Adapter, count_parameters
from balsa_core.model.audio_llm import AudioLLM, new_audio_llm
from balsa_core.model.encoder import load_encoder

WEIGHTS, FACTS = "adapter.safetensors", "adapter.json"
FORMAT = 1


def open_audio_llm(
    backbone: str, encoder: str, config: AdapterConfig, *, seed: int, device: str, dtype: str
) -> AudioLLM:
    """An untrained model of a backbone and an encoder, each "pocket", a folder or a Hub id."""
    place = pick_device(device)
    heard = load_encoder(encoder, device=place, dtype=DTYPES[dtype])
    return new_audio_llm(heard, load_backbone(backbone, device=device, dtype=dtype), config, seed)


def save_adapter(folder: Path, model: AudioLLM, *, backbone: str, encoder: str, dtype: str) -> None:
    """Write the adapter of a model; equal adapters are equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "format": FORMAT,
        "adapter": canonical(model.config),
        "taps": list(model.taps),
        "num_parameters": count_parameters(model.adapter),
        "dtype": dtype,
        "backbone": {"name": backbone, "identity": model.backbone.identity, "width": model.backbone.width},
        "encoder": {"name": encoder, "identity": model.encoder.identity, "width": model.encoder.width},
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
    save_weights(model.adapter, folder / WEIGHTS)


def load_audio_llm(
    folder: str | Path, backbone: str | None = None, encoder: str | None = None, device: str = "auto"
) -> AudioLLM:
    """The model that a trained adapter belongs to.

    backbone, encoder: where they are now, when not where training found them. ValueError when they are other weights
    than those the adapter was trained with.
    """
    facts = _read_facts(Path(folder))
    model = open_audio_llm(
        backbone or facts["backbone"]["name"],
        encoder or facts["encoder"]["name"],
        AdapterConfig(**facts["adapter"]),
        seed=0,
        device=device,
        dtype=facts["dtype"],
    )
    fill_adapter(model, Path(folder))
    return model


def fill_adapter(model: AudioLLM, folder: Path) -> None:
    """Give a model the trained weights of a folder; ValueError when they were trained with another encoder or LLM."""
    facts = _read_facts(folder)
    _check_same("backbone", facts["backbone"], model.backbone.identity)
    _check_same("encoder", facts["encoder"], model.encoder.identity)
    load_weights(model.adapter, folder / WEIGHTS)


def save_weights(adapter: Adapter, path: Path) -> None:
    """Write the tensors of an adapter."""
    save_file({name: tensor.cpu().contiguous() for name, tensor in adapter.state_dict().items()}, path)


def load_weights(adapter: Adapter, path: Path) -> None:
    """Fill an adapter; ValueError names the tensors that are missing, unexpected or of another shape."""
    found, wanted = load_file(path), adapter.state_dict()
    wrong = {
        "missing": sorted(wanted.keys() - found.keys()),
        "unexpected": sorted(found.keys() - wanted.keys()),
        "of another shape": sorted(
            name for name in wanted.keys() & found.keys() if wanted[name].shape != found[name].shape
        ),
    }
    if any(wrong.values()):
        told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in wrong.items() if names)
        raise ValueError(f"{path} does not fit this adapter: {told}")
    with torch.no_grad():
        adapter.load_state_dict(found, strict=True)


def _read_facts(folder: Path) -> dict[str, Any]:
    if not (folder / FACTS).exists():
        raise ValueError(f"no trained adapter in {folder}: it has no {FACTS}")
    return json.loads((folder / FACTS).read_text())


def _check_same(role: str, trained_with: dict[str, Any], identity: str) -> None:
    # The part before the @ is the folder's name, which may change.
    if trained_with["identity"].rsplit("@", 1)[-1] != identity.rsplit("@", 1)[-1]:
        raise ValueError(
            f"the adapter was trained with the {role} {trained_with['identity']}, found {identity}: "
            f"pass the {role} it was trained with, or train anew"
        )
