"""The words of a model text, each with its line and column."""

import re
from dataclasses import dataclass

from ..errors import InputError

_WORDS = re.compile(
    r"""
    (?P<space>[ \t\r]+ | [#!][^\n]*)
  | (?P<end>[\n;])
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d][\w.]*|\.[^\W\d][\w.]*)
  | (?P<quoted>`[^`\n]*`)
  | (?P<text>"[^"\n]*")
  | (?P<operator>=~|~~|~|:=|==)
  | (?P<refused>~\*~|<~|<=|>=|<|>|\||%|:|\?|=)
  | (?P<sign>[-+*/^(),])
    """,
    re.VERBOSE,
)
_OPEN = {"+", "-", "*", "/", "^", "(", ",", "=~", "~~", "~", ":=", "=="}
_CONTINUES = {"+", "-", "*", "/", "^", ")", ","}


@dataclass(frozen=True)
class Token:
    """One word. kind: number, name, text, operator, sign or end; line and column count from 1."""

    kind: str
    text: str
    line: int
    column: int


ADDED = Token("added", "", 0, 0)  # of what the text does not say


def fail(message, token):
    """Raise InputError with the place in the model text."""
    raise InputError(f"Model text, line {token.line}, column {token.column}: {message}")


def tokenize(text):
    """A model text as statements, each a list of tokens closed by an ``end``.

    A statement goes on in the next line after an operator or a sign, and where the next line starts with
    one. Raises InputError for a character or operator that has no meaning here.
    """
    tokens = _join_lines(list(_scan(text)))
    statements, current = [], []
    for token in tokens:
        if token.kind != "end":
            current.append(token)
        elif current:
            statements.append([*current, token])
            current = []
    return statements


def _scan(text):
    line, start, place = 1, 0, 0
    while place < len(text):
        found = _WORDS.match(text, place)
        here = Token("end", "", line, place - start + 1)
        if found is None:
            fail(f"'{text[place]}' has no meaning here.", here)
        kind, word = found.lastgroup, found.group()
        place = found.end()
        if kind == "refused":
            fail(f"'{word}' is not supported. Known operators: =~ ~ ~~ := ==", here)
        if kind == "quoted":
            kind, word = "name", word[1:-1]
        elif kind == "text":
            word = word[1:-1]
        if kind != "space":
            yield Token(kind, word, line, here.column)
        if found.group() == "\n":
            line, start = line + 1, place
    yield Token("end", "", line, len(text) - start + 1)


def _join_lines(tokens):
    kept = []
    for number, token in enumerate(tokens):
        if token.kind == "end" and token.text == "\n":
            following = next((one for one in tokens[number:] if one.text != "\n" or one.kind != "end"), None)
            unfinished = kept and kept[-1].kind in ("operator", "sign") and kept[-1].text in _OPEN
            if following is not None and following.kind == "sign" and following.text in _CONTINUES:
                continue
            if unfinished and following is not None and following.kind != "end":
                continue
        kept.append(token)
    return kept


class Reader:
    """Walks along the tokens of one statement."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.place = 0

    @property
    def token(self):
        """The token that comes next."""
        return self.tokens[self.place]

    def take(self, *texts, kind="sign"):
        """The next token if it is one of ``texts`` (or any of that kind), else None."""
        token = self.token
        if token.kind != kind or (texts and token.text not in texts):
            return None
        self.place += 1
        return token

    def expect(self, what, *texts, kind="sign"):
        """The next token, or InputError that says what was expected."""
        found = self.take(*texts, kind=kind)
        if found is None:
            fail(f"{what} expected, {_shown(self.token)} found.", self.token)
        return found


def _shown(token):
    return "the end of the statement" if token.kind == "end" else f"'{token.text}'"
