"""What the content of pushes is made with."""

from dataclasses import dataclass

from kairan.composing.speaking import Voice
from kairan.messengers.port import Messenger
from kairan.push.push_files import MediaBucket


@dataclass(frozen=True)
class Sources:
    messenger: Messenger
    voice: Voice
    images: MediaBucket
    audio: MediaBucket
    video: MediaBucket
