"""A plug-in's name in, the plug-in out: one folder, one file and one named object each.

The folder is scanned by file name on first use; only the file that is asked for is imported.
"""

import importlib
import pkgutil
from typing import Any


def plugin_names(package: str) -> list[str]:
    """The plug-ins of a package such as "balsa_core.ingest.readers", sorted."""
    folder = importlib.import_module(package)
    return sorted(found.name for found in pkgutil.iter_modules(folder.__path__) if not found.name.startswith("_"))


def load_plugin(package: str, name: str) -> Any:
    """The object of plug-in `name`, which its module calls PLUGIN; ValueError lists the known names."""
    known = plugin_names(package)
    if name not in known:
        raise ValueError(f"{package.rsplit('.', 1)[1]} has no {name!r}: choose {', '.join(known)}")
    return importlib.import_module(f"{package}.{name}").PLUGIN
