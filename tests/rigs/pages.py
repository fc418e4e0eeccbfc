"""The documentation as a test reads it: pages, their headings, links, tables, code."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PATHS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_markdown = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Fence:
    """A block of code. `words` is what stands after its fence: the language, and for JSON what it is an example of."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tokens(self) -> list[Token]:
        return _markdown.parse(self.path.read_text(encoding="utf-8"))

    def headings(self) -> list[str]:
        return [
            inline.content
            for opening, inline in zip(self.tokens, self.tokens[1:], strict=False)
            if opening.type == "heading_open"
        ]

    def anchors(self) -> set[str]:
        """As GitHub makes them of headings."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in self.headings()}

    def links(self) -> list[str]:
        return [str(token.attrs["href"]) for token in self._inline() if token.type == "link_open"]

    def paragraphs(self) -> list[str]:
        """Running text, also of lists, as it is written but on one line each."""
        return [
            " ".join(inline.content.split())
            for opening, inline in zip(self.tokens, self.tokens[1:], strict=False)
            if opening.type == "paragraph_open"
        ]

    def codes(self) -> list[str]:
        """Inline code."""
        return [token.content for token in self._inline() if token.type == "code_inline"]

    def fences(self) -> list[Fence]:
        return [Fence(tuple(token.info.split()), token.content) for token in self.tokens if token.type == "fence"]

    def commands(self) -> list[list[str]]:
        """What is typed in the shell blocks."""
        return [words for fence in self.fences() if fence.words[:1] == ("sh",) for words in shell_lines(fence)]

    def tables(self) -> dict[str, list[list[str]]]:
        """The rows of all tables under a heading, by that heading; cells as they are written."""
        found: dict[str, list[list[str]]] = {}
        heading = ""
        for token, following in zip(self.tokens, self.tokens[1:], strict=False):
            if token.type == "heading_open":
                heading = following.content
            elif token.type == "tr_open":
                found.setdefault(heading, []).append([])
            elif token.type == "td_open":
                found[heading][-1].append(following.content)
        return {heading: [row for row in rows if row] for heading, rows in found.items()}

    def _inline(self) -> Iterator[Token]:
        for token in self.tokens:
            yield from token.children or ()


PAGES = [Page(path) for path in PATHS]


def page(name: str) -> Page:
    return Page(ROOT / name)


def codes_in(cell: str) -> list[str]:
    """The inline code of a table's cell."""
    return re.findall(r"`([^`]+)`", cell)


def shell_lines(fence: Fence) -> list[list[str]]:
    """The commands of a shell block, word by word, without comments. A quotation may go over several lines."""
    commands: list[list[str]] = []
    begun = ""
    for line in fence.text.replace("\\\n", " ").splitlines(keepends=True):
        begun += line
        try:
            commands.append(shlex.split(begun, comments=True))
        except ValueError:
            continue
        begun = ""
    assert not begun, f"a quotation without an end: {begun}"
    return [words for words in commands if words]
