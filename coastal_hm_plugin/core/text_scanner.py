"""Reading what a user typed, from left to right, with the place of what cannot be read."""

import re

from .errors import InputError

NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
SEPARATOR = r"[;\n]"
WORD_END = r"(?!\w)"
SHOWN = 20  # letters of what cannot be read


class TextScanner:
    """A text and how far it has been read. title: of the text, item: one of its statements, for messages."""

    title = "Text"
    item = "statement"

    def __init__(self, text):
        self.text, self.at = text, 0

    def accept(self, pattern):
        """What stands here if it matches, read; else None."""
        self.at = re.compile(r"[ \t\r]*").match(self.text, self.at).end()
        found = re.compile(pattern, re.IGNORECASE).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found

    def fail(self, reason):
        """Raise InputError with the place and what stands there."""
        self.accept("")
        there = re.split(SEPARATOR, self.text[self.at : self.at + SHOWN])[0].strip()
        where = f"at '{there}'" if there else f"at the end of the {self.item}"
        raise InputError(f"{self.title}, position {self.at + 1}, {where}: {reason}")

    def at_end(self):
        """Whether all has been read."""
        self.accept("")
        return self.at >= len(self.text)

    def longest(self, names):
        """The longest of the names that stands here, plain or in quotes, read; None if there is none."""
        for name in sorted(names, key=len, reverse=True):
            word = re.escape(name)
            if self.accept(f'(?-i:"{word}"|{word}{WORD_END if name[-1:].isalnum() else ""})'):
                return name
        return None

    def peek(self, pattern):
        """The word that stands here, not read."""
        start = self.at
        word = self.accept(rf'"[^"\n]*"|{pattern}').group().strip().strip('"')
        self.at = start
        return word
