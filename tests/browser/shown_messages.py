"""The messages of `tests.cases.line_messages` with media that the sample bot serves."""

from typing import Any

from tests.cases.line_messages import FILM, IMAGEMAP, PICTURE, SOUND, fresh_example
from tools.sample_bot import SampleBot


def example(name: str, bot: SampleBot) -> dict[str, Any]:
    return fresh_example(name, {PICTURE: bot.image, FILM: bot.video, SOUND: bot.audio, IMAGEMAP: bot.imagemap})
