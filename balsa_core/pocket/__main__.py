"""`python -m balsa_core.pocket`: make the pocket weights again from nothing, or measure those that are there."""

import argparse
import json
import time
from pathlib import Path

import torch

from balsa_core.pocket import encoder, language_model
from balsa_core.pocket.card import write_card
from balsa_core.pocket.ceilings import measure_ceilings

SHIPPED = Path(__file__).parent / "weights"
SEED = 0


def main() -> None:
    """Build what is asked for, measure it, and print one JSON line last."""
    arguments = _parse()
    # One thread: sums come out in the same order on every machine with the same library.
    torch.set_num_threads(1)
    started_s = time.monotonic()
    found: dict[str, float | dict[str, float]] = {}
    backbone_folder, encoder_folder = arguments.out / "backbone", arguments.out / "encoder"
    if not arguments.check and arguments.only != "encoder":
        language_model.build_language_model(backbone_folder, language_model.Schedule(), SEED, _report)
    if not arguments.check and arguments.only != "backbone":
        encoder.build_encoder(encoder_folder, encoder.Schedule(), SEED, _report)
    if arguments.only != "encoder":
        found["backbone"] = measure_ceilings(backbone_folder, arguments.questions)
    if arguments.only != "backbone":
        found["encoder"] = encoder.measure_encoder(encoder_folder)
    found["size_bytes"] = sum(path.stat().st_size for path in arguments.out.rglob("*") if path.is_file())
    found["seconds"] = round(time.monotonic() - started_s)
    if not arguments.check:
        write_card(arguments.out, found)
    print(json.dumps(found))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m balsa_core.pocket", description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the weights (default: the shipped ones)")
    parser.add_argument("--only", choices=("backbone", "encoder"), help="leave the other one as it is")
    parser.add_argument("--check", action="store_true", help="measure, build nothing")
    parser.add_argument("--questions", type=int, default=1000, help="how many of each kind are asked")
    return parser.parse_args()


def _report(metrics: dict[str, float]) -> None:
    print(json.dumps(metrics), flush=True)


if __name__ == "__main__":
    main()
