"""How fast a pocket model learns at each step: a short climb, then half a cosine down."""

import math

LOWEST_SHARE = 0.02


def rate_share(step: int, num_steps: int, warm_up_steps: int) -> float:
    """Share of the peak learning rate at a step."""
    if step < warm_up_steps:
        return (step + 1) / warm_up_steps
    progress = (step - warm_up_steps) / max(1, num_steps - warm_up_steps)
    return LOWEST_SHARE + (1 - LOWEST_SHARE) * 0.5 * (1 + math.cos(math.pi * progress))
