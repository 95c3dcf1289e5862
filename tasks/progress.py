"""How far a step is, told through logging; the command line draws it, a worker logs it."""

import logging

logger = logging.getLogger("balsa.progress")


def tell(step: str, done: int, total: int, note: str = "") -> None:
    """Say that `done` of `total` units of a step are finished."""
    logger.info(
        "%s %d/%d %s", step, done, total, note, extra={"step": step, "done": done, "total": total, "note": note}
    )
