"""The name of a model in, the folder or Hub id that holds it out, and what it is exactly.

Names: "pocket" (the embedded default), a folder in the Hugging Face layout, or a Hub id.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from balsa_core.identity import fingerprint, sha256_file

Role = Literal["backbone", "encoder"]

POCKET = "pocket"
POCKET_WEIGHTS = Path(__file__).parent / "pocket" / "weights"


def model_source(name: str, role: Role) -> str:
    """What `from_pretrained` is given; ValueError for a path that is no model folder."""
    if name == POCKET:
        return str(_pocket_folder(role))
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").exists():
            raise ValueError(
                f"{folder} holds no {role}: it has no config.json; give a Hugging Face model folder or a Hub id"
            )
        return str(folder.absolute())
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise ValueError(f"no {role} at {name}: give 'pocket', an existing model folder or a Hub id such as org/name")
    return name


def model_identity(name: str, role: Role) -> str:
    """What the model is: a digest of a folder's files, or the Hub id at its commit."""
    source = model_source(name, role)
    if Path(source).is_dir():
        label = name if name == POCKET else Path(source).name
        return f"{label}@{_folder_digest(source)}"
    from huggingface_hub import hf_hub_download

    return f"{name}@{Path(hf_hub_download(name, 'config.json')).parent.name}"


def _pocket_folder(role: Role) -> Path:
    folder = POCKET_WEIGHTS / role
    if not (folder / "config.json").exists():
        raise ValueError(f"the pocket {role} is not built ({folder} has no config.json): run 'make pocket'")
    return folder


def _folder_digest(folder: str) -> str:
    files = sorted(path for path in Path(folder).iterdir() if path.is_file() and path.suffix != ".md")
    return fingerprint({path.name: _file_digest(path, path.stat().st_size, path.stat().st_mtime_ns) for path in files})


@cache
def _file_digest(path: Path, _size_bytes: int, _changed_ns: int) -> str:
    return sha256_file(path)  # weights are hashed once a process, unless they change
