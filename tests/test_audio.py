"""What comes out of a sound file, and what is said of one that is damaged."""

import gc
import mmap
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balsa_core.audio import RATE_HZ, BadAudio, Limits, check, decode, from_pcm, pcm_sha256, resample, to_pcm
from tests.sounds import encode, hiss, tone

LIMITS = Limits(min_duration_s=0.1, max_duration_s=2.0, silence_dbfs=-60.0)
WHOLE = {suffix: encode(hiss(1, 1.0), suffix) for suffix in (".wav", ".flac", ".ogg", ".mp3", ".aiff")}
DECODING_REASONS = {None, "empty", "unreadable", "truncated", "too_long"}


def reason_of(data: bytes) -> str | None:
    """Why a file is turned away, or None."""
    try:
        found = decode(data)
    except BadAudio as exc:
        return exc.reason
    assert found.dtype == np.float32
    assert found.ndim == 1
    return None


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_a_lossless_file_gives_its_samples_back(suffix: str) -> None:
    samples = tone()
    assert np.abs(decode(encode(samples, suffix)) - samples).max() <= 1 / 32768


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_a_lossy_file_sounds_the_same(suffix: str) -> None:
    samples = tone(duration_s=1.0)
    found = decode(encode(samples, suffix))
    assert found.shape == samples.shape
    assert np.corrcoef(found, samples)[0, 1] > 0.99


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_another_rate_becomes_16_khz_at_the_same_pitch(rate_hz: int) -> None:
    found = decode(encode(tone(440.0, 1.0, rate_hz), rate_hz=rate_hz))
    assert abs(found.shape[0] - RATE_HZ) <= 1
    spectrum = np.abs(np.fft.rfft(found))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)


def test_what_16_khz_cannot_hold_is_removed_and_not_folded_back() -> None:
    found = resample(tone(12_000.0, 1.0, 48_000), 48_000)
    assert np.abs(found[1000:-1000]).max() < 1e-3


def test_channels_are_averaged() -> None:
    left, right = tone(440.0), tone(880.0)
    found = decode(encode(np.stack([left, right], axis=1)))
    assert np.abs(found - (left + right) / 2).max() <= 1 / 32768


def test_samples_outside_one_are_clipped_in_pcm() -> None:
    assert from_pcm(to_pcm(np.array([2.0, -2.0, 0.0], dtype=np.float32))).tolist() == [1.0, -1.0, 0.0]


@given(st.lists(st.integers(-32767, 32767), max_size=50))
def test_pcm_survives_the_way_to_a_waveform_and_back(samples: list[int]) -> None:
    pcm = np.array(samples, dtype="<i2").tobytes()
    assert to_pcm(from_pcm(pcm)) == pcm


def test_equal_samples_have_equal_hashes_and_others_do_not() -> None:
    assert pcm_sha256(to_pcm(tone(440.0))) == pcm_sha256(to_pcm(tone(440.0)))
    assert pcm_sha256(to_pcm(tone(440.0))) != pcm_sha256(to_pcm(tone(441.0)))


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_a_span_is_that_part_of_the_file(suffix: str) -> None:
    samples = hiss(2, 1.0)
    found = decode(encode(samples, suffix), 0.25, 0.75)
    assert np.abs(found - samples[4000:12_000]).max() <= 1 / 32768


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_a_span_of_a_lossy_file_is_that_part_of_the_decoded_file(suffix: str) -> None:
    data = encode(tone(440.0, 5.0) * np.linspace(0, 1, 5 * RATE_HZ, dtype=np.float32), suffix)
    whole = decode(data)
    for first in range(0, 80_000, 5000):
        assert np.abs(decode(data, first / RATE_HZ) - whole[first:]).max() < 1e-6


def test_a_span_ends_with_the_file() -> None:
    assert decode(encode(tone()), 0.25, 99.0).shape == (4000,)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.5, None), (9.0, 10.0), (0.3, 0.2), (0.3, 0.3), (-1.0, 0.2)])
def test_a_span_with_nothing_in_it_is_empty(start_s: float, end_s: float | None) -> None:
    with pytest.raises(BadAudio) as caught:
        decode(encode(tone()), start_s, end_s)
    assert caught.value.reason == "empty"


def test_a_mapped_file_reads_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "sound.raw"  # a suffix that soundfile would take for headerless samples
    path.write_bytes(WHOLE[".wav"])
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert np.array_equal(decode(data), decode(WHOLE[".wav"]))


@pytest.mark.parametrize("suffix", list(WHOLE))
@pytest.mark.parametrize("share", [0.99, 0.9, 0.5, 0.3])
def test_a_file_that_was_cut_short_is_not_taken_for_a_shorter_one(suffix: str, share: float) -> None:
    data = WHOLE[suffix]
    # An ogg file cut inside its 4 kB of set-up tables does not even open.
    allowed = {"truncated", "unreadable"} if suffix == ".ogg" and share < 0.9 else {"truncated"}
    assert reason_of(data[: int(len(data) * share)]) in allowed


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_one_missing_byte_is_found(suffix: str) -> None:
    assert reason_of(WHOLE[suffix][:-1]) == "truncated"


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_one_missing_byte_of_a_lossy_file_is_found(suffix: str) -> None:
    assert reason_of(WHOLE[suffix][:-1]) == "truncated"


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_that_was_streamed_without_knowing_its_length_is_whole(size: int) -> None:
    data = bytearray(WHOLE[".wav"])
    place = data.find(b"data") + 4
    data[place : place + 4] = struct.pack("<I", size)
    assert decode(bytes(data)).shape == (RATE_HZ,)


def test_chunks_after_the_samples_do_no_harm() -> None:
    data = WHOLE[".wav"] + b"LIST" + struct.pack("<I", 4) + b"INFO"
    assert decode(data).shape == (RATE_HZ,)


def test_an_id3_tag_before_and_after_an_mp3_does_no_harm() -> None:
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 1, 0]) + bytes(128)
    assert decode(tag + WHOLE[".mp3"] + b"TAG" + bytes(125)).shape == (RATE_HZ,)


def test_a_mp3_without_a_frame_count_is_whole_when_its_last_frame_is(shared: Path) -> None:
    data = (shared / "data/speech/common_voice/common_voice_en_651325.mp3").read_bytes()
    assert b"Xing" not in data[:200]
    assert b"Info" not in data[:200]
    assert decode(data).shape[0] / RATE_HZ == pytest.approx(2.376, abs=0.001)
    assert reason_of(data[:-10]) == "truncated"


def test_damage_inside_a_flac_is_not_called_a_cut() -> None:
    data = bytearray(encode(hiss(3, 5.0), ".flac"))
    data[40_000:60_000] = bytes(20_000)
    assert reason_of(bytes(data)) == "unreadable"


@pytest.mark.parametrize("data", [b"", b"not a sound at all", b"RIFF", bytes(1000), b"\xff" * 1000, b"ID3", b"fLaC"])
def test_what_is_no_sound_has_a_reason(data: bytes) -> None:
    assert reason_of(data) == ("unreadable" if data else "empty")


def test_a_header_that_claims_a_day_is_refused_before_memory_is_given() -> None:
    with pytest.raises(BadAudio) as caught:
        decode(encode(np.zeros(90_000, dtype=np.float32), rate_hz=1))
    assert caught.value.reason == "too_long"


@pytest.mark.parametrize("suffix", list(WHOLE))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_gives_samples_or_a_reason(suffix: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[suffix])
    places = st.integers(0, len(whole) - 1) | st.integers(0, 200)  # half of the damage in the header
    for place in data.draw(st.lists(places, max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    assert reason_of(cut) in DECODING_REASONS


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_header_that_points_before_the_start_is_no_noise_on_the_screen() -> None:
    rng = np.random.default_rng(0)
    for _ in range(2000):
        data = bytearray(WHOLE[".aiff"][:400])
        data[rng.integers(12, 60)] = rng.integers(256)
        reason_of(bytes(data))
    gc.collect()


@given(st.sampled_from([b"", b"RIFF\x00\x00\x00\x00WAVE", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"FORM"]), st.binary())
@settings(max_examples=200, deadline=None)
def test_random_bytes_give_samples_or_a_reason(start: bytes, rest: bytes) -> None:
    assert reason_of(start + rest) in DECODING_REASONS


@pytest.mark.parametrize(
    ("waveform", "reason"),
    [
        (np.zeros(0, dtype=np.float32), "empty"),
        (np.full(8000, np.nan, dtype=np.float32), "not_finite"),
        (np.array([np.inf] + [0.1] * 8000, dtype=np.float32), "not_finite"),
        (tone(duration_s=0.05), "too_short"),
        (tone(duration_s=2.5), "too_long"),
        (np.zeros(8000, dtype=np.float32), "silent"),
        (tone(peak=0.0009), "silent"),
    ],
)
def test_a_sound_outside_the_limits_has_a_reason(waveform: np.ndarray, reason: str) -> None:
    with pytest.raises(BadAudio) as caught:
        check(waveform, LIMITS)
    assert caught.value.reason == reason


@pytest.mark.parametrize("waveform", [tone(peak=0.0011), tone(duration_s=0.1), tone(duration_s=2.0)])
def test_a_sound_at_the_limits_passes(waveform: np.ndarray) -> None:
    check(waveform, LIMITS)


def test_not_a_number_survives_resampling_and_is_found() -> None:
    samples = tone(rate_hz=44_100)
    samples[100] = np.nan
    with pytest.raises(BadAudio) as caught:
        check(decode(encode(samples, rate_hz=44_100, subtype="FLOAT")), LIMITS)
    assert caught.value.reason == "not_finite"


@pytest.mark.parametrize(
    ("file", "duration_s"),
    [("jfk/jfk_44k_stereo.flac", 11.0), ("jfk/jfk_16k.wav", 11.0), ("ljspeech/LJ002-0020.wav", 1.54)],
)
def test_real_speech_is_decoded_whole(shared: Path, file: str, duration_s: float) -> None:
    waveform = decode((shared / "data/speech" / file).read_bytes())
    assert waveform.shape[0] / RATE_HZ == pytest.approx(duration_s, abs=0.01)
    check(waveform, Limits(0.2, 60.0, -60.0))


def test_one_speech_in_two_formats_and_rates_is_one_sound(shared: Path) -> None:
    folder = shared / "data/speech/jfk"
    flac, wav = (decode((folder / name).read_bytes()) for name in ("jfk_44k_stereo.flac", "jfk_16k.wav"))
    assert np.corrcoef(flac, wav)[0, 1] > 0.99
