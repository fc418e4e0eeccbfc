"""The styles of the voice, each with the id that a caller sends as `speaker`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Style:
    """One recorded voice in several ways: `half_tones` higher, `speed` times as fast, `volume` times as loud."""

    id: int
    name: str
    half_tones: float = 0.0
    speed: float = 1.0
    volume: float = 1.0


STYLES = (
    Style(888753760, "ノーマル"),
    Style(888753761, "高い声", half_tones=4),
    Style(888753762, "低い声", half_tones=-4),
    Style(0, "ゆっくり", speed=0.8),
    Style(1, "早口", speed=1.3),
    Style(-1, "ひかえめ", half_tones=-1, volume=0.6),
)
"""The first has the id of AivisSpeech's default voice. Others are 0 and negative, as ids of real voices may be."""

_BY_ID = {style.id: style for style in STYLES}


def style_of(id_: int) -> Style | None:
    return _BY_ID.get(id_)


def speakers() -> list[dict[str, Any]]:
    """What `GET /speakers` answers: there is one speaker."""
    return [
        {
            "name": "Mei",
            "speaker_uuid": "6d65692d-0000-4000-8000-000000000000",
            "styles": [{"name": style.name, "id": style.id, "type": "talk"} for style in STYLES],
            "version": "1.0.0",
            "supported_features": {"permitted_synthesis_morphing": "NOTHING"},
        }
    ]
