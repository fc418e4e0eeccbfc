"""Wiring only: `kairan.senders.sender_function` is the sender. Six functions run this code; SENDER says which one."""

import os

from kairan.senders.wiring import sender_handler

handler = sender_handler(os.environ)
