"""Which keys may be sent."""

import pytest

from kairan.media.keys import parse_key


@pytest.mark.parametrize(
    "key", ["a.jpg", "春/セール.png", "a b+c.mp3", "tts/x.mp3", "v1..2.png", "my-previews/a.jpg", "あ" * 320]
)
def test_a_key_in_the_bucket_may_be_sent(key: str) -> None:
    assert parse_key(key) == key


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "empty"),
        ("/a.jpg", "begin with /"),
        ("../a.jpg", "climb"),
        ("a/../b.jpg", "climb"),
        ("a/./b.jpg", "climb"),
        ("a\\..\\b.jpg", "climb"),
        ("..", "climb"),
        ("https://example.com/a.jpg", "not a URL"),
        ("S3://bucket/a.jpg", "not a URL"),
        ("//example.com/a.jpg", "not a URL"),
        ("previews/a.jpg", "previews/"),
        ("incoming/a.jpg", "incoming/"),
        ("a\n.jpg", "control"),
        ("a\ud800.jpg", "halves"),
        ("あ" * 321, "bytes"),
    ],
)
def test_a_key_that_leads_elsewhere_may_not(key: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_key(key)
