"""The signature that LINE puts on every webhook call (Messaging API reference, "Signature validation").

`x-line-signature` is the base64 of the HMAC-SHA256 of the body's bytes, under the channel secret.
"""

import hmac
from binascii import b2a_base64

HEADER = "x-line-signature"


def sign(channel_secret: str, body: bytes) -> str:
    return b2a_base64(hmac.digest(channel_secret.encode(), body, "sha256"), newline=False).decode()


def is_signed(channel_secret: str, body: bytes, signature: str) -> bool:
    """Takes constant time. `signature` may be any text."""
    return hmac.compare_digest(sign(channel_secret, body).encode(), signature.encode(errors="surrogatepass"))
