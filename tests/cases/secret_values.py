"""Forms in which a credential or the whole secret arrives, as Windows editors, shells and copying leave them."""

import codecs
from collections.abc import Callable, Mapping

ENCODED: Mapping[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16 LE with a mark": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "UTF-16 BE with a mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "UTF-32 with a mark": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
}
"""What is read."""

UNREADABLE: Mapping[str, tuple[Callable[[str], bytes], str]] = {
    "UTF-16 without a mark": (lambda text: text.encode("utf-16-le"), "UTF-16 without a byte order mark"),
    "bytes": (lambda text: b"\x80\x81" + text.encode(), "not text in UTF-8 or UTF-16"),
}
"""What is not read, with the words that name it."""

EDGES = ("\ufeff{}", "{}\r\n", "\u200b{}\u200b", "\u3000{}\u00a0", " \ufeff{}\n")
"""What copying leaves around a value."""

BROKEN = ("half\nhalf", "half\r\nhalf", "half half", "half\u200bhalf", "half\x00half", "トークン")
"""What no header can hold."""
