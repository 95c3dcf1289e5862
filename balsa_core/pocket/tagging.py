"""How well an encoder tells the made sounds apart, with its own head or with one that is fitted to what it outputs."""

from pathlib import Path

import torch
from transformers import WhisperModel

from balsa_core.soundscapes.ontology import SOUNDS

RIDGE = 1.0  # times the number of scenes over the width; the probe hardly depends on it


def tag_scores(logits_BC: torch.Tensor, labels_BC: torch.Tensor) -> dict[str, float]:
    """Mean F1 over the sounds at logit 0, mean average precision, and the sound with the lowest F1."""
    predicted_BC, true_BC = logits_BC > 0, labels_BC > 0
    hits_C = (predicted_BC & true_BC).sum(0).float()
    f1_C = 2 * hits_C / (predicted_BC.sum(0) + true_BC.sum(0)).clamp(min=1)
    precisions = [_average_precision(logits_BC[:, index], true_BC[:, index]) for index in range(len(SOUNDS))]
    lowest = int(f1_C.argmin())
    return {
        "mean_f1": round(float(f1_C.mean()), 4),
        "mean_average_precision": round(sum(precisions) / len(precisions), 4),
        f"lowest_f1 ({SOUNDS[lowest]})": round(float(f1_C[lowest]), 4),
    }


def probe_scores(
    folder: Path, fitted_on: tuple[torch.Tensor, torch.Tensor], tested_on: tuple[torch.Tensor, torch.Tensor]
) -> dict[str, float]:
    """The same scores with a linear head fitted by least squares to mean and maximum of the outputs over time.

    Both pairs are log-mel features (B, M, F) and labels (B, C).
    """
    model = WhisperModel.from_pretrained(folder, dtype=torch.float32).get_encoder().eval()
    fit_BD, test_BD = (_pooled(model, mel_BMF) for mel_BMF, _ in (fitted_on, tested_on))
    centre_D, spread_D = fit_BD.mean(0), fit_BD.std(0) + 1e-5
    fit_BD, test_BD = ((features - centre_D) / spread_D for features in (fit_BD, test_BD))
    gram_DD = fit_BD.T @ fit_BD + RIDGE * len(fit_BD) / fit_BD.shape[1] * torch.eye(fit_BD.shape[1])
    head_DC = torch.linalg.solve(gram_DD, fit_BD.T @ (2 * fitted_on[1] - 1 - (2 * fitted_on[1] - 1).mean(0)))
    bias_C = (2 * fitted_on[1] - 1).mean(0)
    # Least squares on rare labels sits too low; the threshold of each sound is the one that keeps its share.
    logits_BC = test_BD @ head_DC + bias_C
    threshold_C = torch.stack(
        [torch.quantile((fit_BD @ head_DC + bias_C)[:, c], 1 - fitted_on[1][:, c].mean()) for c in range(len(SOUNDS))]
    )
    return tag_scores(logits_BC - threshold_C, tested_on[1])


@torch.inference_mode()
def _pooled(encoder: torch.nn.Module, mel_BMF: torch.Tensor) -> torch.Tensor:
    outputs = [encoder(chunk.float()).last_hidden_state for chunk in mel_BMF.split(50)]
    return torch.cat([torch.cat([output_BPD.mean(1), output_BPD.amax(1)], dim=1) for output_BPD in outputs])


def _average_precision(scores_B: torch.Tensor, true_B: torch.Tensor) -> float:
    ranked_B = true_B[scores_B.argsort(descending=True)].float()
    precision_B = ranked_B.cumsum(0) / torch.arange(1, len(ranked_B) + 1)
    return float((precision_B * ranked_B).sum() / ranked_B.sum().clamp(min=1))
