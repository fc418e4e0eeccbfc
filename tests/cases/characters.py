"""Texts with their length as LINE counts it, in UTF-16 code units, and as a reader sees it, in grapheme clusters."""

COUNTED = [
    ("", 0, 0),
    ("abc", 3, 3),
    ("日本語", 3, 3),
    ("a\r\nb", 4, 3),
    ("日\r\n本", 4, 3),
    ("\n\u0301", 2, 2),
    ("𠀋", 2, 1),
    ("👋", 2, 1),
    ("👋🏻", 4, 1),
    ("👨‍👩‍👧", 8, 1),
    ("❤️", 2, 1),
    ("1️⃣2️⃣", 6, 2),
    ("か\u3099", 2, 1),
    ("e\u0301", 2, 1),
    ("🇯🇵🇫🇷", 8, 2),
    ("🇯🇵🇫", 6, 2),
    ("각", 1, 1),
    ("\u1112\u1161\u11ab", 3, 1),
    ("\u200d", 1, 1),
    ("\ud800", 1, 1),
]

INVISIBLE: list[str] = [
    "",
    " ",
    "\n\u3000\t",
    "\u200b",
    "\ufeff \u2060",
    "\u3164",
    "\u2800\u00ad",
    "\u200d\ufe0f",
    "\U000e0067\U000e007f",
    "\x00\x1f",
]
"""Texts that show nothing."""

VISIBLE: list[str] = ["a", "・", "☺\ufe0f", "🏴\U000e0067\U000e007f", "か\u3099", "$", "👨\u200d👩", "\ufdd0"]
"""Texts that show something, to their last character."""
