"""The road with its store on S3: a real server protocol (moto), no local artifact."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from flows.chat import ask_about
from flows.pipeline import road
from flows.runs import smoke
from tests.sounds import tone, write


@pytest.fixture
def bucket(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    S3FileSystem.clear_instance_cache()
    S3FileSystem().call_s3("create_bucket", Bucket="roads")
    monkeypatch.setenv("BALSA_STORE", "s3://roads/store")
    yield "s3://roads/store"
    server.stop()
    S3FileSystem.clear_instance_cache()


def test_the_road_runs_with_its_store_on_s3(bucket: str, workspace: Path) -> None:
    finished = road(smoke())
    assert finished.road["dataset"]["folder"].startswith(bucket)
    assert not (workspace / "store").exists()
    answer = ask_about([write(workspace / "tone.wav", tone())], "What do you hear?", "smoke", "contrastive")
    assert isinstance(answer, str)
