"""The commands of the README, run as a reader would, in the order of the page: `python -m tests.readme_commands`.

A block of `bash` is run unless the line before it is a comment `<!-- not run: why -->` or `<!-- needs: FOLDER -->` and
that folder is absent. Servers are started by a test of their own, not here.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[1]
BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*) -->\n)?```bash\n(?P<text>.*?)```", re.DOTALL)


class Block(NamedTuple):
    """A block of commands and the note on whether it is run."""

    note: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page."""
    for found in BLOCK.finditer(page.read_text()):
        yield Block(found["note"] or "", found["text"])


def reason_to_skip(block: Block) -> str | None:
    """Why a block is not run here; None: it is."""
    kind, _, rest = block.note.partition(": ")
    if kind == "not run":
        return rest
    if kind == "needs" and not (REPOSITORY / rest).exists():
        return f"{rest} is absent"
    return None


def main() -> int:
    """Run them all in one temporary workspace; the exit code of the first that fails."""
    with tempfile.TemporaryDirectory() as workspace:
        environment = os.environ | {
            "BALSA_WORKSPACE": workspace,
            "PATH": f"{REPOSITORY / '.venv' / 'bin'}:{os.environ['PATH']}",
        }
        for block in blocks(REPOSITORY / "README.md"):
            reason = reason_to_skip(block)
            if reason is not None:
                sys.stdout.write(f"-- not run ({reason}):\n{block.text}")
                continue
            sys.stdout.write(f"-- run:\n{block.text}")
            sys.stdout.flush()
            started = time.monotonic()
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], cwd=REPOSITORY, env=environment)
            sys.stdout.write(f"-- {time.monotonic() - started:.0f} s, exit {done.returncode}\n")
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
