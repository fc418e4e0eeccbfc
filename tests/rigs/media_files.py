"""Small files of every kind that LINE plays and shows, made when a test asks for one."""

import array
import math
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import av
from av.audio.stream import AudioStream
from PIL import Image

RATE = 44_100


def image(
    format_: str = "JPEG", size: tuple[int, int] = (40, 30), *, mode: str = "RGB", colour: Any = 0, **how: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, format_, **how)
    return out.getvalue()


def noise(format_: str = "JPEG", size: tuple[int, int] = (1600, 1200), **how: Any) -> bytes:
    """An image that no encoder makes small."""
    out = BytesIO()
    Image.effect_noise(size, 100).convert("RGB").save(out, format_, **how)
    return out.getvalue()


@cache
def audio(kind: str = "mp3", seconds: float = 1.0, *, bit_rate: int = 64_000) -> bytes:
    """A tone of exactly so many samples, as `mp3` or `m4a`."""
    codec, container = {"mp3": ("libmp3lame", "mp3"), "m4a": ("aac", "ipod")}[kind]
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE)
        assert isinstance(stream, AudioStream)
        stream.bit_rate = bit_rate
        stream.codec_context.layout = "mono"
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=RATE)
        samples = int(seconds * RATE)
        for start in range(0, samples, 1024):
            for frame in resampler.resample(_tone(start, min(1024, samples - start))):
                file.mux(stream.encode(frame))
        for frame in resampler.resample(None):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


@cache
def bare_mp3(seconds: float) -> bytes:
    """An MP3 of frames alone, without the tags that tell its length."""
    data = audio("mp3", seconds)
    out = BytesIO()
    with (
        av.open(BytesIO(data), "r") as source,
        av.open(out, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as file,
    ):
        stream = file.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    return out.getvalue()


@cache
def video() -> bytes:
    out = BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        file.mux(stream.encode(None))
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png_with(kind: bytes, data: bytes, *, colour: Any = 0) -> bytes:
    """A PNG with one more chunk, after its header."""
    plain = image("PNG", colour=colour)
    after_header = 8 + 25
    return plain[:after_header] + chunk(kind, data) + plain[after_header:]


def jpeg_with(marker: int, data: bytes, *, colour: Any = 0) -> bytes:
    """A JPEG with one more segment, at its beginning."""
    plain = image(colour=colour)
    return plain[:2] + bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data + plain[2:]


def jpeg_of_scans(number: int) -> bytes:
    """A progressive JPEG whose last scan stands there again and again."""
    plain = image(progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * (number - plain.count(b"\xff\xda") + 1) + plain[-2:]


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of an MP4."""
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def m4a_of_unknown_duration() -> bytes:
    header = bytes(12) + (1000).to_bytes(4, "big") + b"\xff" * 4 + bytes(80)
    return box(b"ftyp", b"M4A \0\0\2\0M4A mp42") + box(b"moov", box(b"mvhd", header)) + box(b"mdat", bytes(64))


@cache
def fragmented_m4a(seconds: float) -> bytes:
    """As browsers record: the duration stands in no header, only in the fragments."""
    out = BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
    with (
        av.open(BytesIO(audio("m4a", seconds)), "r") as source,
        av.open(out, "w", format="ipod", options=options) as file,
    ):
        stream = file.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    return out.getvalue()


def _tone(start: int, samples: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
    frame.sample_rate = RATE
    frame.pts = start
    wave = array.array(
        "h", (int(9000 * math.sin(2 * math.pi * 440 * (start + n) / RATE)) for n in range(samples))
    ).tobytes()
    plane = frame.planes[0]
    plane.update(wave + bytes(plane.buffer_size - len(wave)))
    return frame
