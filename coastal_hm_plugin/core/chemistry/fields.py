"""What a column is, read from its name: which quantity of which element, in which medium and unit."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from .elements import AMBIGUOUS_SYMBOLS, ATOMIC_WEIGHTS, CHINESE_NAMES, LETTER_SYMBOLS, symbol_of
from .units import find_unit

MEDIA = ("soil", "sediment", "water")


@dataclass(frozen=True)
class FieldMeaning:
    """What a column's name says.

    field: the name as it stands in the table.
    quantity: "concentration", "log concentration", "CF", "Er", "Igeo", "EF", "Kd", "index" (PERI, RI, PLI, ...),
        "isotope", "ratio", "species" (MeHg, Cr(VI)), "reference" (background, guideline), "uncertainty", "limit",
        "flag", "property" (pH, OM ...) or "other".
    element: symbol, or None. variable: what is measured: the symbol, or "OM", "TOC", "pH", "DO", "salinity",
        "temperature". medium: "soil", "sediment", "water", "solid" (either of the first two) or None where the name
        does not say. unit: as in units.py, or None.
    """

    field: str
    quantity: str
    element: Optional[str] = None
    variable: Optional[str] = None
    medium: Optional[str] = None
    unit: Optional[str] = None

    def fits(self, medium):
        """Whether the name agrees with a medium; a name that gives none agrees with all."""
        return self.medium in (None, medium) or (self.medium == "solid" and medium in ("soil", "sediment"))


def _words(**kinds):
    return {word: kind for kind, words in kinds.items() for word in words.split()}


_MEDIUM_WORDS = _words(
    soil="soil soils topsoil subsoil",
    sediment="sediment sediments sed sedi seds",
    water="water waters w wat seawater sw overlying dissolved diss filtered porewater",
    solid="s",
)
_QUANTITY_WORDS = _words(
    Kd="kd kds partition",
    CF="cf cfs pi",
    Er="er eri eir",
    Igeo="igeo geoaccumulation",
    EF="ef efs enrichment",
    index="peri ri pli nemerow nipi pn mcd cdeg mpi risk telq pelq erlq ermq mtelq mpelq merlq mermq hi hq",
    isotope="delta isotope",
    ratio="ratio",
    species="iii vi ii iv me methyl hexavalent trivalent",
    reference="bg background baseline geob bv crust tel pel erl erm guideline standard threshold tr",
    uncertainty="error err uncertainty unc se sd std stdev sigma rsd cv u",
    limit="mdl dl lod loq lld limit detlim",
    flag="flag flags qual qualifier qflag remark censored cens nd bdl q",
    other="class rank id code lab date method name note comment count n share distance dist mine smelter emission "
    "emissions production release releases density factor contribution residual norm normalised normalized z zone",
)
_LOG_WORDS = frozenset(("log", "log10", "lg", "ln"))
_FILLERS = _words(
    filler="total tot t conc concentration content value values val mean avg average median max min dry dw wt weight "
    "raw c metal metals element hm in of the surface bottom top sub cm depth layer a b field measured"
)
# Where several kinds of word stand in a name, the first of these decides
_DECISIVE = ("flag", "uncertainty", "limit", "Kd", "CF", "Er", "Igeo", "EF", "index", "isotope", "species")
_DECISIVE += ("reference", "ratio", "other")

# "d114Cd", then "CF" before "Cd" in CFCd, then words and numbers
_CAMEL = re.compile(r"d?\d+[A-Z][a-z]?(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
_PHRASES = (
    (r"contamination factor", "cf"),
    (r"i geo", "igeo"),
    (r"geo accumulation", "igeo"),
    (r"organic matter", "om"),
    (r"(organic carbon|c org|org c)", "toc"),
    (r"dissolved oxygen", "do"),
    (r"not detected", "nd"),
    (r"mehg", "me Hg"),
    (r"thg", "t Hg"),
    (r"(cr|as)(3|5|6)", r"\1 iii"),
)
# variable: (names believed anywhere, names believed only where the rest of the field's name is understood)
_PROPERTIES = {
    "pH": ("ph", ""),
    "OM": ("som", "om loi"),
    "TOC": ("toc corg orgc soc", "oc"),
    "DO": ("", "do"),
    "salinity": ("salinity sal psal", ""),
    "temperature": ("temperature temp wtemp sst", ""),
}
_CHINESE_WORDS = {
    **CHINESE_NAMES,
    **{"土壤": "soil", "沉积物": "sediment", "海水": "water", "水": "water", "有机质": "om", "盐度": "salinity"},
    **{"温度": "temperature", "溶解氧": "do", "δ": "delta"},
}


def _tokens(text):
    """The parts of a name: split at everything that is no letter or digit, then where lower case turns upper."""
    for word, meaning in _CHINESE_WORDS.items():
        text = text.replace(word, f" {meaning} ")
    for token in re.findall(r"[A-Za-z0-9]+", text):
        if _known(token) or symbol_of(token) or _is_property(token):
            yield token
        else:
            yield from _CAMEL.findall(token)


def _known(token):
    word = token.lower()
    return (
        word in _QUANTITY_WORDS
        or word in _MEDIUM_WORDS
        or word in _LOG_WORDS
        or word in _FILLERS
        or re.fullmatch(r"(top|sub|layer|depth)?\d+(cm|m)?", word) is not None
    )


def _is_property(token):
    return any(token.lower() in f"{sure} {unsure}".split() for sure, unsure in _PROPERTIES.values())


def _isotope(tokens):
    """Whether the name gives a mass number: 206Pb, Pb206, Pb_206_207, d114Cd."""
    pairs = [re.fullmatch(r"d?(\d{2,3})([a-z]{1,2})|([a-z]{1,2})(\d{2,3})", token.lower()) for token in tokens]
    for first, second in zip(tokens, tokens[1:]):
        pairs.append(re.fullmatch(r"(\d{2,3}) ([a-z]{1,2})|([a-z]{1,2}) (\d{2,3})", f"{first} {second}".lower()))
    for match in pairs:
        if match:
            symbol = symbol_of(match[2] or match[3])
            mass = int(match[1] or match[4])
            if symbol and abs(mass / ATOMIC_WEIGHTS[symbol] - 1) < 0.06:
                return symbol
    return None


def _peel_log(tokens):
    """Log prefixes apart: "log10Kd" is log10 and Kd."""
    for token in tokens:
        match = re.fullmatch(r"(?i)(log10|log|lg|ln)(.+)", token)
        if match and (_known(match[2]) or symbol_of(match[2])) and not symbol_of(token):
            yield from (match[1], match[2])
        else:
            yield token


def _elements(tokens):
    """The elements named, and the tokens that name them."""
    found, clear = {}, []
    for token in tokens:
        symbol = symbol_of(token)
        if symbol and symbol not in AMBIGUOUS_SYMBOLS and symbol not in LETTER_SYMBOLS:
            found[token] = symbol
            clear.append(token)
    unsure = [token for token in tokens if token not in clear and symbol_of(token)]
    unsure = [token for token in unsure if token[0].isupper() or (len(token) > 1 and token not in _FILLERS)]
    if found:  # beside a clear element: only in exact spelling, and not where it is a word of its own
        unsure = [t for t in unsure if len(t) > 1 and t == symbol_of(t) and t.lower() not in _FILLERS]
        return {**found, **{token: symbol_of(token) for token in unsure}}
    # a longer symbol goes before a letter, which may be the medium (Co_S) or the uncertainty (As_U)
    for token in sorted(unsure, key=len, reverse=True):
        others = list(tokens)
        others.remove(token)
        if all(_known(other) for other in others):
            return {token: symbol_of(token)}
    return {}


def _property(tokens):
    words = [token.lower() for token in tokens]
    for variable, (sure, unsure) in _PROPERTIES.items():
        for word in words:
            rest = list(words)
            rest.remove(word)
            if word in sure.split() or (word in unsure.split() and all(_known(other) for other in rest)):
                return variable
    return None


@lru_cache(maxsize=4096)
def describe_field(name):
    """What a column is, from its name alone: FieldMeaning with quantity, element, medium and unit.

    ``cd_mgkg``, ``Cd (mg/kg)``, ``top5_cd``, ``CD_s`` and ``soil_Cd`` are concentrations of Cd;
    ``CF_Cd``, ``log10Kd_Cd``, ``Cd_error`` and ``206Pb`` are not.
    """
    text = unicodedata.normalize("NFKC", str(name)).replace("μ", "u")
    unit, text = find_unit(text)
    spaced = re.sub(r"[\W_]+", " ", text)
    for phrase, word in _PHRASES:
        spaced = re.sub(rf"(?i)(?<![a-z]){phrase}(?![a-z])", word, spaced)
    tokens = list(_peel_log(_tokens(spaced)))
    isotope = _isotope(tokens)
    if isotope:
        return FieldMeaning(str(name), "isotope", isotope, isotope)
    elements = _elements(tokens)
    rest = [token.lower() for token in tokens if token not in elements]
    media = {_MEDIUM_WORDS[word] for word in rest if word in _MEDIUM_WORDS}
    medium = next((one for one in (*MEDIA, "solid") if one in media), None)
    named = {_QUANTITY_WORDS[word] for word in rest if word in _QUANTITY_WORDS}
    decisive = next((kind for kind in _DECISIVE if kind in named), None)
    if len(set(elements.values())) > 1:
        return FieldMeaning(str(name), decisive or "ratio", None, None, medium, unit)
    element = next(iter(elements.values()), None)
    if element:
        plain = "log concentration" if _LOG_WORDS & set(rest) else "concentration"
        return FieldMeaning(str(name), decisive or plain, element, element, medium, unit)
    variable = _property(tokens)
    if variable:
        quantity = decisive if decisive in ("flag", "uncertainty", "limit") else "property"
        return FieldMeaning(str(name), quantity, None, variable, medium, unit)
    return FieldMeaning(str(name), _lone_quantity(decisive), None, None, medium, unit)


def _lone_quantity(kind):
    """A quantity without an element: PERI and Kd still are what they say, "flag" or "sd" says nothing."""
    return kind if kind in ("Kd", "CF", "Er", "Igeo", "EF", "index") else "other"
