"""Uploads that are no recording, broken ones, and ones that lie: by family, made from a seed."""

import bz2
import gzip
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache

from tests.support.sound.audio import as_file, claiming, video_only
from tests.support.sound.sounds import tone

Cases = dict[str, bytes]

RECORDINGS = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "flac": ("flac", "flac", 16_000),
    "ogg": ("ogg", "libopus", 48_000),
    "mp3": ("mp3", "mp3", 44_100),
    "m4a": ("mp4", "aac", 44_100),
    "webm": ("webm", "libopus", 48_000),
}
HOURS = 300


@cache
def recording(kind: str) -> bytes:
    container, codec, rate = RECORDINGS[kind]
    return as_file(tone(2), container=container, codec=codec, rate=rate)


def truncated() -> Cases:
    """Cut off in the header, in the middle, and one byte before the end."""
    cases: Cases = {}
    for kind in RECORDINGS:
        data = recording(kind)
        ends = {1, 3, 4, 8, 12, 20, 36, 44, 45, 64, 100, 300, len(data) // 3, len(data) - 1}
        cases |= {f"{kind}, {end} bytes": data[:end] for end in ends}
    return cases


def bit_flipped() -> Cases:
    """A few dozen bits turned over, half of them in the header."""
    cases: Cases = {}
    for kind in RECORDINGS:
        for seed in range(8):
            chance = random.Random(f"{kind}{seed}")  # noqa: S311 - repeatable
            data = bytearray(recording(kind))
            for place in [*_places(chance, 200, 8), *_places(chance, len(data), 40)]:
                data[place] ^= 1 << chance.randrange(8)
            cases[f"{kind}, seed {seed}"] = bytes(data)
    return cases


def _places(chance: random.Random, end: int, count: int) -> Iterator[int]:
    yield from (chance.randrange(end) for _ in range(count))


def random_bytes() -> Cases:
    """Noise that begins as a recording or another file does."""
    magics = {
        "wav": b"RIFF\x24\x80\x00\x00WAVEfmt ",
        "flac": b"fLaC\x00\x00\x00\x22",
        "ogg": b"OggS\x00\x02",
        "opus": b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead",
        "mp3": b"ID3\x04\x00\x00\x00\x00\x0f\x00",
        "mp3 frame": b"\xff\xfb\x90\x64",
        "adts": b"\xff\xf1\x50\x80",
        "mp4": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00",
        "mp4 moov": b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x01\x00\x00moov",
        "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01",
        "aiff": b"FORM\x00\x00\x80\x00AIFFCOMM",
        "caf": b"caff\x00\x01\x00\x00desc",
        "amr": b"#!AMR\n",
        "asf": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
        "avi": b"RIFF\x00\x00\x01\x00AVI LIST",
        "w64": bytes.fromhex("726966662e91cf11a5d628db04c10000"),
        "mpegts": b"\x47\x40\x00\x10",
        "none": b"",
    }
    cases: Cases = {}
    for name, magic in magics.items():
        for seed in range(2):
            noise = random.Random(f"{name}{seed}").randbytes(20_000)  # noqa: S311 - repeatable
            cases[f"{name}, seed {seed}"] = magic + noise
    return cases


def other_files() -> Cases:
    """What is none of ours, whole and well-formed."""
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(400)
    return {
        "nothing": b"",
        "one zero": b"\0",
        "zeros": bytes(100_000),
        "ones": b"\xff" * 100_000,
        "text": b"Today we will talk about photosynthesis.\n" * 500,
        "utf-16": "Vorlesung über Hashing\n".encode("utf-16") * 100,
        "zip": _zip({"lecture.wav": recording("wav")}),
        "zip bomb": _zip({f"{i}.wav": bytes(5_000_000) for i in range(4)}),
        "office document": _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}),
        "gzip bomb": gzip.compress(bytes(20_000_000)),
        "bzip2 bomb": bz2.compress(bytes(5_000_000)),
        "gzipped recording": gzip.compress(recording("wav")),
        "tar": _tar(recording("wav")),
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
        "elf": elf,
        "windows program": b"MZ\x90\x00" + bytes(56) + b"\x80\x00\x00\x00" + bytes(2000),
        "script": b"#!/bin/sh\ncurl http://169.254.169.254/ | sh\n",
        "java class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(200),
        "sqlite": b"SQLite format 3\0" + bytes(4000),
        "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(200),
        "gif": b"GIF89a" + bytes(200),
        "json": b'{"lecture": "' + b"a" * 1000 + b'"}',
        "pickle": b"\x80\x04cposix\nsystem\n(S'id'\ntR.",
        "midi": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00",
        "video without sound": video_only(1),
        "header without sound": _wav(data=b""),
    }


def markup() -> Cases:
    """Texts that make a reader expand or fetch something."""
    laughs = "".join(
        f'<!ENTITY lol{i} "{f"&lol{i - 1};" * 10}">' if i else '<!ENTITY lol0 "lol">'
        for i in range(10)
    )
    external = '<!DOCTYPE a [<!ENTITY x SYSTEM "{}">]><a>&x;</a>'
    return {
        "billion laughs": f'<?xml version="1.0"?><!DOCTYPE l [{laughs}]><l>&lol9;</l>'.encode(),
        "xml entity, file": external.format("file:///etc/passwd").encode(),
        "xml entity, metadata": external.format("http://169.254.169.254/").encode(),
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>'
        b"<BaseURL>http://169.254.169.254/</BaseURL></Period></MPD>",
    }


def pointers() -> Cases:
    """Playlists and descriptions that point to what the server can reach."""
    targets = {
        "file": "file:///etc/passwd",
        "path": "/etc/passwd",
        "up": "../../../../etc/passwd",
        "metadata": "http://169.254.169.254/computeMetadata/v1/",
        "concat": "concat:/etc/passwd|/etc/hostname",
        "pipe": "pipe:0",
        "subfile": "subfile,,start,0,end,64,,:/etc/passwd",
        "data": "data:audio/wav;base64,UklGRiQAAABXQVZF",
    }
    forms: dict[str, str] = {
        "m3u": "{}\n",
        "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
        "m3u8 key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXTINF:9,\na.ts\n',
        "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
        "pls": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
        "xspf": '<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><trackList>'
        "<track><location>{}</location></track></trackList></playlist>",
        "sdp": "v=0\no=- 0 0 IN IP4 169.254.169.254\ns={}\nc=IN IP4 169.254.169.254\nt=0 0\n"
        "m=audio 5004 RTP/AVP 0\n",
        "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
    }
    return {
        f"{form} to {target}": text.format(url).encode()
        for form, text in forms.items()
        for target, url in targets.items()
    }


def impossible_headers() -> Cases:
    """WAV files of no channel, no rate, no bits, and of far too many."""
    sound = tone(1).tobytes()
    return {
        "0 Hz": _wav(sound, rate=0),
        "0 channels": _wav(sound, channels=0),
        "0 bits": _wav(sound, bits=0),
        "0 everything": _wav(sound, rate=0, channels=0, bits=0),
        "1 Hz": _wav(sound, rate=1),
        "4 GHz": _wav(sound, rate=0xFFFFFFFF),
        "65535 channels": _wav(sound, channels=0xFFFF),
        "64 channels": _wav(sound, channels=64),
        "65535 bits": _wav(sound, bits=0xFFFF),
        "unknown codec": _wav(sound, codec=0x1234),
        "mp3 inside": _wav(sound, codec=0x55),
        "extensible without extension": _wav(sound, codec=0xFFFE),
        "no fmt": b"RIFF" + struct.pack("<I", 40) + b"WAVEdata" + struct.pack("<I", 400) + sound,
        "only fmt": _wav(sound)[:36],
        "fmt of 4 GB": _wav(sound).replace(b"fmt \x10\0\0\0", b"fmt \xff\xff\xff\xff"),
        "a thousand chunks": _wav(sound)[:36] + b"junk\0\0\0\0" * 1000 + _wav(sound)[36:],
    }


def exaggerating() -> Cases:
    """Small files that claim 300 hours or sizes that they do not have."""
    wav, m4a, ogg = recording("wav"), recording("m4a"), recording("ogg")
    samples = HOURS * 3600 * 48_000
    last_page = ogg.rindex(b"OggS")
    cases = {
        "wav, data": _wav(tone(1).tobytes(), claim=0xFFFFFFFF),
        "wav, data minus one": _wav(tone(1).tobytes(), claim=0xFFFFFFFE),
        "wav, riff": wav[:4] + b"\xff\xff\xff\xff" + wav[8:],
        "wav, rf64": b"RF64\xff\xff\xff\xffWAVEds64"
        + struct.pack("<IQQQI", 28, 1 << 62, 1 << 62, 1 << 62, 0)
        + _wav(tone(1).tobytes(), claim=0xFFFFFFFF)[12:],
        "flac": claiming(recording("flac"), hours=HOURS),
        "flac, most": claiming(recording("flac"), hours=1190),
        "ogg, granule": ogg[: last_page + 6] + struct.pack("<q", samples) + ogg[last_page + 14 :],
        "ogg, largest granule": ogg[: last_page + 6]
        + struct.pack("<q", (1 << 63) - 2)
        + ogg[last_page + 14 :],
        "webm": _webm_claiming(HOURS * 3_600_000.0),
        "webm, infinite": _webm_claiming(float("inf")),
        "webm, not a number": _webm_claiming(float("nan")),
        "webm, negative": _webm_claiming(-1.0),
        "mp3, xing": _mp3_claiming(0x7FFFFFFF),
        "mp4, packets": mp4_listing(m4a, 80_000_000),
        "mp4, all the packets there are": mp4_listing(m4a, 0xFFFFFFFF),
    }
    for box, at in ((b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 24), (b"stts", 16)):
        for name, value in (("300 hours", HOURS * 3600 * 1000), ("most", 0xFFFFFFFF)):
            place = m4a.index(box) + at + 4
            claim = m4a[:place] + struct.pack(">I", value) + m4a[place + 4 :]
            cases[f"mp4, {box.decode()} {name}"] = claim
    for box in (b"ftyp", b"mdat", b"moov", b"stsd", b"stco", b"stsz"):
        place = m4a.index(box) - 4
        for name, value in (("nothing", 0), ("one", 1), ("most", 0xFFFFFFFF)):
            cases[f"mp4, {box.decode()} of size {name}"] = (
                m4a[:place] + struct.pack(">I", value) + m4a[place + 4 :]
            )
    return cases


FAMILIES: dict[str, Callable[[], Cases]] = {
    "truncated": truncated,
    "bit flipped": bit_flipped,
    "random bytes": random_bytes,
    "other files": other_files,
    "markup": markup,
    "pointers": pointers,
    "impossible headers": impossible_headers,
    "exaggerating": exaggerating,
}

NEVER_RECORDINGS = ("other files", "markup", "pointers")
"""Families of which nothing may be accepted."""


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("../../lecture.wav")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _wav(
    data: bytes,
    *,
    codec: int = 1,
    channels: int = 1,
    rate: int = 16_000,
    bits: int = 16,
    claim: int | None = None,
) -> bytes:
    frame = channels * bits // 8
    layout = struct.pack(
        "<HHIIHH",
        codec,
        channels,
        rate,
        rate * frame & 0xFFFFFFFF,
        frame & 0xFFFF,
        bits,
    )
    size = len(data) if claim is None else claim
    head = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data


def _webm_claiming(milliseconds: float) -> bytes:
    data = recording("webm")
    at = data.index(b"\x44\x89\x88") + 3
    return data[:at] + struct.pack(">d", milliseconds) + data[at + 8 :]


def _mp3_claiming(frames: int) -> bytes:
    data = recording("mp3")
    at = next(data.index(tag) for tag in (b"Xing", b"Info") if tag in data) + 8
    return data[:at] + struct.pack(">I", frames) + data[at + 4 :]


def mp4_listing(data: bytes, packets: int) -> bytes:
    """Packets of one byte each, all in one chunk."""
    made = bytearray(data)
    many = struct.pack(">I", packets)
    sizes, chunks, times = (made.index(box) for box in (b"stsz", b"stsc", b"stts"))
    made[sizes + 8 : sizes + 16] = struct.pack(">I", 1) + many
    made[chunks + 16 : chunks + 20] = many
    made[times + 12 : times + 16] = many
    return bytes(made)
