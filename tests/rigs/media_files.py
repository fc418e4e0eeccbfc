"""Small files of every kind that LINE plays and shows, made when a test asks for one."""

import array
import math
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
