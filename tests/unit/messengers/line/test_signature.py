"""Signatures over the bytes as they came."""

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from kairan.messengers.line.signature import is_signed, sign

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_lines_own_example_is_signed() -> None:
    assert sign(SECRET, BODY) == SIGNATURE
    assert is_signed(SECRET, BODY, SIGNATURE)


@given(secret=st.text(st.characters(codec="utf-8"), min_size=1), body=st.binary())
def test_a_signature_is_the_base64_of_the_hmac_sha256_of_any_bytes(secret: str, body: bytes) -> None:
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()

    assert sign(secret, body) == expected


@given(signature=st.text())
def test_any_other_text_is_not_a_signature(signature: str) -> None:
    assert is_signed(SECRET, BODY, signature) is (signature == SIGNATURE)


@given(body=st.binary())
def test_a_signature_is_of_one_body_only(body: bytes) -> None:
    assert is_signed(SECRET, body, SIGNATURE) is (body == BODY)


def test_half_a_surrogate_pair_is_not_a_signature() -> None:
    assert not is_signed(SECRET, BODY, "\ud800")
