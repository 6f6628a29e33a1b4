"""Compact letters: groups that share one do not differ."""

import string
from itertools import combinations

ALPHABET = string.ascii_lowercase + string.ascii_uppercase


def compact_letters(count, different):
    """Letters of ``count`` groups: two groups share a letter exactly where their pair is not in ``different``.

    different: pairs (i, j) of group numbers that differ. The groups' order decides which letters come first: with
    groups ordered from high to low, "a" belongs to the highest. Returns a list of texts such as "ab".
    Source: Piepho 2004, Journal of Computational and Graphical Statistics 13, 456-466 (insert and absorb).
    """
    columns = [frozenset(range(count))]
    for pair in different:
        split = []
        for column in columns:
            split += [column - {one} for one in pair] if column.issuperset(pair) else [column]
        columns = [one for one in dict.fromkeys(split) if not any(one < other for other in split)]
    columns = sorted(_needed(columns), key=sorted)
    return ["".join(_letter(number) for number, column in enumerate(columns) if i in column) for i in range(count)]


def _needed(columns):
    """The columns without those whose every pair stands in another column too."""
    kept = sorted(columns, key=lambda column: (len(column), sorted(column)))
    for column in tuple(kept):
        others = [one for one in kept if one != column]
        pairs = list(combinations(column, 2)) or [tuple(column)]
        if all(any(other.issuperset(pair) for other in others) for pair in pairs):
            kept = others
    return kept


def _letter(number):
    round_, place = divmod(number, len(ALPHABET))
    return ALPHABET[place] + "'" * round_
