from typing import Any

import pytest

from balsa_core.artifact import Artifact
from flows.runs import smoke
from flows.training import train_arms
from tasks.site import Site


@pytest.mark.parametrize("nothing", [{"arms": ()}, {"seeds": ()}])
def test_a_run_without_arms_or_seeds_says_so(nothing: dict[str, Any]) -> None:
    site = Site(store="", tracking_uri="", reports="", scratch="")
    with pytest.raises(ValueError, match="give at least one of each"):
        train_arms(smoke().model_copy(update=nothing), Artifact(uri="", digest="", rows=0), site)
