"""Whether a sound file was cut short: what its container says against the bytes that are there.

libsndfile reads a wav or ogg file that lost its second half as a shorter one, without a word. So the containers are
asked themselves. A flac file needs no question: its decoder fails.
"""

import mmap
import struct
from collections.abc import Iterator

FileBytes = bytes | mmap.mmap

UNKNOWN_SIZE = 0x7FFFF000  # what writers that stream put, or more: sox 0x7ffff000, ffmpeg 0xffffffff
OGG_PAGE_BYTES = 27 + 255 + 255 * 255  # the largest page
MP3_KBITS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
MP3_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
MP3_FRAME_SAMPLES = 1152


def cut_short(data: FileBytes) -> str | None:
    """What is missing at the end of a wav, aiff, ogg or mp3 file, in words; None when nothing is known to be."""
    magic = data[:4]
    if magic == b"RIFF":
        return _cut_chunks(data, "<", b"data")
    if magic == b"FORM":
        return _cut_chunks(data, ">", b"SSND")
    if magic == b"OggS":
        return _cut_ogg(data)
    if magic[:3] == b"ID3" or magic[:1] == b"\xff":
        return _cut_mp3(data)
    return None


def _cut_chunks(data: FileBytes, order: str, audio: bytes) -> str | None:
    place = 12
    while place + 8 <= len(data):
        (size,) = struct.unpack_from(f"{order}I", data, place + 4)
        end = place + 8 + size
        if data[place : place + 4] == audio:
            missing = end - len(data)
            return f"{missing} of {size} bytes are missing" if missing > 0 and size < UNKNOWN_SIZE else None
        place = end + size % 2
    return None


def _cut_ogg(data: FileBytes) -> str | None:
    page = data.rfind(b"OggS", max(0, len(data) - OGG_PAGE_BYTES))
    if page < 0:
        return None
    segments = data[page + 26] if page + 27 <= len(data) else 255
    table = data[page + 27 : page + 27 + segments]
    missing = page + 27 + segments + sum(table) - len(data)
    return f"at least {missing} bytes of the last page are missing" if missing > 0 else None


def _cut_mp3(data: FileBytes) -> str | None:
    """A cut between two frames of a file that does not count its frames can't be seen."""
    promised, num_frames, end = None, 0, 0
    for start, size in _mp3_frames(data):
        if num_frames == 0:
            promised = _promised_frames(data[start : start + size])
        num_frames, end = num_frames + 1, start + size
    if end > len(data):
        return f"{end - len(data)} bytes of the last frame are missing"
    if promised is not None and num_frames < promised:
        return f"{promised - num_frames} of {promised} frames are missing"
    return None


def _mp3_frames(data: FileBytes) -> Iterator[tuple[int, int]]:
    """Where the frames of a Layer III file start and how many bytes each has, up to the first that is none."""
    place = _after_id3(data)
    while place + 4 <= len(data):
        size = _mp3_frame_bytes(data[place : place + 4])
        if size is None:
            return
        yield place, size
        place += size


def _after_id3(data: FileBytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:  # 7 bits each
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if data[5] & 0x10 else 0)


def _mp3_frame_bytes(header: bytes) -> int | None:
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    kbits_index, rate_index = header[2] >> 4, header[2] >> 2 & 3
    sync = header[0] == 0xFF and header[1] & 0xE0 == 0xE0
    if not sync or layer != 1 or version == 1 or kbits_index in (0, 15) or rate_index == 3:
        return None
    kbits = MP3_KBITS[1 if version == 3 else 2][kbits_index - 1]
    bytes_per_kbit_s = 144_000 if version == 3 else 72_000
    return bytes_per_kbit_s * kbits // MP3_RATES_HZ[version][rate_index] + (header[2] >> 1 & 1)


def _promised_frames(first_frame: bytes) -> int | None:
    for name in (b"Xing", b"Info"):
        place = first_frame.find(name, 4, 64)
        if place >= 0 and len(first_frame) >= place + 12 and first_frame[place + 7] & 1:
            return struct.unpack_from(">I", first_frame, place + 8)[0]
    return None
