"""Where the tests find real recordings and models that are not part of the repository, and an S3 server."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Properties say nothing about time: at a load of 14, 12 of 25 tests of the records failed by the clock alone.
settings.register_profile("balsa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("balsa")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real audio and models; the test is skipped where it is absent."""
    folder = Path(os.environ.get("BALSA_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}: set BALSA_SHARED")
    return folder


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server in this process (moto), which the AWS_* variables point at."""
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        S3FileSystem.clear_instance_cache()
        yield address
        S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> str:
    """A new bucket, as an s3:// address."""
    import s3fs

    name = f"balsa-{uuid.uuid4().hex}"
    s3fs.S3FileSystem().call_s3("create_bucket", Bucket=name)
    return f"s3://{name}"


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store for artifacts: the test runs on a local folder and on S3."""
    return str(tmp_path / "store") if request.param == "local" else request.getfixturevalue("bucket") + "/store"
