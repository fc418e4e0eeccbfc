"""Makes the sample media anew: `python -m infra.sample_media.make`. It needs PyAV and Pillow. Commit the results."""

from array import array
from collections.abc import Iterable
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from PIL import Image

from infra.bundling import FUNCTIONS
from infra.sample_media import chime, scene
from kairan.contract import SAMPLE_AUDIO, SAMPLE_IMAGE, SAMPLE_VIDEO

FILES = FUNCTIONS / "sample_media" / "files"
IMAGE_SIZE = (1280, 720)
VIDEO_SIZE = (640, 360)
"""The same shape as the picture, which is the video's cover: LINE asks for that."""
FRAMES_PER_SECOND = 24
COVER_PROGRESS = 0.52
REST_S = 0.4
"""The notice rests this long at the first door and at the last."""


def main() -> None:
    FILES.mkdir(exist_ok=True)
    scene.draw(*IMAGE_SIZE, COVER_PROGRESS).save(FILES / SAMPLE_IMAGE, quality=86, optimize=True)
    sound = chime.samples()
    with av.open(FILES / SAMPLE_AUDIO, "w") as mp3:
        encode_audio(mp3, mp3.add_stream("libmp3lame", rate=chime.SAMPLE_RATE, layout="mono", bit_rate=96_000), sound)
    with av.open(FILES / SAMPLE_VIDEO, "w", options={"movflags": "faststart"}) as mp4:
        picture = mp4.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "24", "preset": "veryslow"})
        picture.width, picture.height = VIDEO_SIZE
        picture.pix_fmt = "yuv420p"
        ring = mp4.add_stream("aac", rate=chime.SAMPLE_RATE, layout="mono", bit_rate=64_000)
        for image in film():
            mp4.mux(picture.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call]
        mp4.mux(picture.encode(None))
        encode_audio(mp4, ring, sound)


def film() -> Iterable[Image.Image]:
    total = round(chime.DURATION_S * FRAMES_PER_SECOND)
    moving_s = chime.DURATION_S - 2 * REST_S
    for n in range(total):
        yield scene.draw(*VIDEO_SIZE, (n / FRAMES_PER_SECOND - REST_S) / moving_s)


def encode_audio(container: OutputContainer, stream: AudioStream, samples: array[int]) -> None:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.planes[0].update(samples.tobytes())
    frame.sample_rate = chime.SAMPLE_RATE
    frame.time_base = Fraction(1, chime.SAMPLE_RATE)
    frame.pts = 0
    context = stream.codec_context
    resampler = av.AudioResampler(
        format=context.format, layout="mono", rate=chime.SAMPLE_RATE, frame_size=context.frame_size
    )
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
