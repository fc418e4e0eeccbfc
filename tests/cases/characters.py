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

BLANKS = ["\n", "\r\n", " ", "\t", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u200e", "\u202a\u2060", "\0", " \u200b\n"]
"""What is left at the end of a text that was copied, and what no one sees there."""

INVISIBLE = ["", *BLANKS, "\u2060\u200d", "\u00ad", "\u2800", "\u3164", "\u115f\u1160", "\ufe0f", "\U000e0041", "\x7f"]
"""Texts that show nothing."""

VISIBLE = [
    "a",
    ".",
    "\u200b.",
    "\u3099",
    "❤️",
    "👨‍👩‍👧",
    "\U0001f3f4\U000e0067\U000e007f",
    "\ue000",
    "\U0001fae9",
    "\ud800",
    "$",
]
