"""An artifact is there whole or not at all, and says so when it was changed."""

import json
import pickle
import shutil
import threading
from pathlib import Path

import pytest

from balsa_core.artifact import Artifact, Draft, Place, new_artifact, open_artifact
from balsa_core.identity import fingerprint
from balsa_core.manifest import ArtifactError
from balsa_core.records import Prediction, Reject
from balsa_core.storage import MANIFEST, is_local, locate

ROWS = [Prediction(question_id="q1", response="Yes.", finish_reason="stop")]
REJECTS = [Reject(id="q2", reason="empty", detail="no text"), Reject(id="q3", reason="empty", detail="no text")]


def fill(draft: Draft, text: str = "Yes.") -> None:
    """Write one row and two rejects."""
    draft.keep("answers", [Prediction(question_id="q1", response=text, finish_reason="stop")], Prediction)
    draft.reject(REJECTS)


def make(store: str, name: str = "a", text: str = "Yes.", inputs: tuple[Artifact, ...] = ()) -> Artifact:
    """A published artifact."""
    with new_artifact(Place(store, "answers", name, "f" * 16), inputs=inputs, config={"steps": 1}) as draft:
        fill(draft, text)
    return draft.result()


def test_what_was_written_is_read_back(store: str) -> None:
    made = make(store)
    found = open_artifact(made.uri)
    assert found == made
    assert found.rows == 1
    assert found.records("answers", Prediction) == ROWS
    assert found.records("rejects", Reject) == REJECTS


def test_the_manifest_says_what_was_kept_and_rejected_and_why(store: str) -> None:
    manifest = make(store).manifest
    assert (manifest["rows"], manifest["rejected"]) == (1, {"empty": 2})
    assert manifest["config"] == {"steps": 1}
    assert set(manifest["files"]) == {"answers.parquet", "rejects.parquet"}


def test_a_draft_that_fails_leaves_nothing(store: str) -> None:
    drafts = []

    def fail() -> None:
        with new_artifact(Place(store, "answers", "a", "0")) as draft:
            drafts.append(draft)
            fill(draft)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not drafts[0].folder.exists()
    with pytest.raises(ArtifactError, match="no finished artifact"):
        open_artifact(str(Place(store, "answers", "a", "0").path))


def test_the_digest_is_that_of_the_content_and_not_of_the_place(store: str, tmp_path: Path) -> None:
    assert make(store, "a").digest == make(store, "b").digest == make(str(tmp_path / "elsewhere"), "a").digest
    assert make(store, "c", text="No.").digest != make(store, "a").digest


def test_the_identity_of_an_artifact_is_its_digest(store: str) -> None:
    assert fingerprint(make(store, "a")) == fingerprint(make(store, "b"))


def test_an_artifact_knows_what_it_was_made_from(store: str) -> None:
    parents = (make(store, "a", "Yes."), make(store, "b", "No."))
    child = make(store, "c", "Perhaps.", inputs=parents)
    assert child.parents == tuple(parent.digest for parent in parents)
    assert open_artifact(child.uri).inputs() == list(parents)


def test_a_parent_that_was_made_anew_is_not_taken_for_the_old_one(store: str) -> None:
    parent = make(store, "a", "Yes.")
    child = make(store, "c", inputs=(parent,))
    remove(parent)
    make(store, "a", "No.")
    with pytest.raises(ArtifactError, match="made anew"):
        child.inputs()


def test_the_second_of_two_writers_gets_the_work_of_the_first(store: str) -> None:
    first = make(store, text="Yes.")
    second = make(store, text="No.")
    assert second == first
    assert second.records("answers", Prediction)[0].response == "Yes."


def test_writers_at_once_all_get_the_same_artifact(store: str) -> None:
    start, made = threading.Barrier(4), []

    def write(number: int) -> None:
        start.wait()
        made.append(make(store, text=f"from {number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len({artifact.digest for artifact in made}) == 1
    assert made[0].records("answers", Prediction)[0].response.startswith("from ")


def test_a_missing_file_is_found(store: str) -> None:
    made = make(store)
    made.path("answers.parquet").unlink()
    with pytest.raises(ArtifactError, match="is missing"):
        open_artifact(made.uri)


def test_a_shorter_file_is_found(store: str) -> None:
    made = make(store)
    path = made.path("answers.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="bytes"):
        open_artifact(made.uri)


def test_a_changed_file_of_equal_size_is_found(tmp_path: Path) -> None:
    made = make(str(tmp_path))
    path = made.path("answers.parquet")
    path.write_bytes(bytes(len(path.read_bytes())))
    with pytest.raises(ArtifactError, match="was changed"):
        open_artifact(made.uri)


def test_a_copied_store_is_sound_although_all_times_changed(tmp_path: Path) -> None:
    made = make(str(tmp_path / "store"))
    shutil.copytree(tmp_path / "store", tmp_path / "copy", copy_function=shutil.copyfile)
    assert open_artifact(made.uri.replace("/store/", "/copy/"), made.digest).digest == made.digest


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 99}'])
def test_a_damaged_manifest_is_an_artifact_error(store: str, text: bytes) -> None:
    made = make(store)
    (locate(made.uri) / MANIFEST).write_bytes(text)
    with pytest.raises(ArtifactError):
        open_artifact(made.uri)


def test_an_edited_manifest_is_found(store: str) -> None:
    made = make(store)
    manifest = made.manifest
    manifest["files"]["answers.parquet"]["sha256"] = "0" * 64
    (locate(made.uri) / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="edited"):
        open_artifact(made.uri)


@pytest.mark.parametrize("damage", ["file", "manifest"])
def test_a_damaged_artifact_is_made_anew(store: str, damage: str) -> None:
    made = make(store)
    if damage == "file":
        made.path("answers.parquet").unlink()
    else:
        (locate(made.uri) / MANIFEST).write_text("{")
    again = make(store)
    assert again.digest == made.digest
    assert again.records("answers", Prediction) == ROWS


def test_writers_who_find_a_damaged_artifact_at_once_both_end_well(tmp_path: Path) -> None:
    made = make(str(tmp_path))
    made.path("answers.parquet").unlink()
    errors: list[BaseException] = []

    def write() -> None:
        try:
            make(str(tmp_path))
        except ArtifactError as exc:  # the other discarded ours as damaged: the cache computes it again
            errors.append(exc)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) <= 1
    assert open_artifact(made.uri).digest == made.digest


def test_unpickling_opens_the_artifact_again(store: str) -> None:
    made = make(store)
    assert pickle.loads(pickle.dumps(made)) == made


def test_unpickling_a_damaged_artifact_fails(store: str) -> None:
    made = make(store)
    pickled = pickle.dumps(made)
    made.path("answers.parquet").unlink()
    with pytest.raises(ArtifactError):
        pickle.loads(pickled)


def test_unpickling_does_not_take_another_content_for_this_one(store: str) -> None:
    made = make(store, text="Yes.")
    pickled = pickle.dumps(made)
    remove(made)
    make(store, text="No.")
    with pytest.raises(ArtifactError, match="made anew"):
        pickle.loads(pickled)


def test_no_staging_folder_stays_behind(tmp_path: Path) -> None:
    make(str(tmp_path))
    make(str(tmp_path))
    assert list((tmp_path / ".staging").iterdir()) == []


def remove(artifact: Artifact) -> None:
    """Take an artifact away, files and manifest."""
    path = locate(artifact.uri)
    if is_local(path):
        shutil.rmtree(path)
    else:
        path.fs.rm(path.path, recursive=True)
