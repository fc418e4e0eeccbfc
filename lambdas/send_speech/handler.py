"""Wiring only: the sender is `kairan.delivery.function`."""

import os

from kairan.delivery.model import Sender
from kairan.delivery.wiring import sender_handler

handler = sender_handler(Sender.SPEECH, os.environ)
