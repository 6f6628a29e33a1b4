"""The elements that tables of soils, sediments and waters hold."""

# Wu et al. (2025), the order of their tables
HEAVY_METALS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")

# Standard atomic weights, g/mol (IUPAC 2021, rounded). Nitrogen, carbon, yttrium ("Y") and neodymium ("ND") are left
# out on purpose: as names of columns they mean something else far more often.
ATOMIC_WEIGHTS = {
    "Ag": 107.87, "Al": 26.982, "As": 74.922, "B": 10.81, "Ba": 137.33, "Be": 9.0122, "Bi": 208.98, "Ca": 40.078,
    "Cd": 112.41, "Ce": 140.12, "Co": 58.933, "Cr": 51.996, "Cs": 132.91, "Cu": 63.546, "Fe": 55.845, "Ga": 69.723,
    "Hg": 200.59, "In": 114.82, "K": 39.098, "La": 138.91, "Li": 6.94, "Mg": 24.305, "Mn": 54.938, "Mo": 95.95,
    "Na": 22.990, "Nb": 92.906, "Ni": 58.693, "P": 30.974, "Pb": 207.2, "Rb": 85.468, "S": 32.06, "Sb": 121.76,
    "Sc": 44.956, "Se": 78.971, "Si": 28.085, "Sn": 118.71, "Sr": 87.62, "Ta": 180.95, "Th": 232.04, "Ti": 47.867,
    "Tl": 204.38, "U": 238.03, "V": 50.942, "W": 183.84, "Zn": 65.38, "Zr": 91.224,
}  # fmt: skip

# Symbols that are also words or abbreviations (as, in, co., sodium/NA, silver/agriculture ...): believed only where
# every other part of the name is understood too
AMBIGUOUS_SYMBOLS = frozenset(
    ("Ag", "Al", "As", "Be", "Ca", "Co", "Ga", "In", "La", "Mg", "Mo", "Na", "Nb", "Sc", "Se", "Si", "Ta", "Th", "Ti")
)
# ... and single letters only in upper case
LETTER_SYMBOLS = frozenset(symbol for symbol in ATOMIC_WEIGHTS if len(symbol) == 1)

ENGLISH_NAMES = {
    "aluminium": "Al", "aluminum": "Al", "antimony": "Sb", "arsenic": "As", "barium": "Ba", "beryllium": "Be",
    "bismuth": "Bi", "boron": "B", "cadmium": "Cd", "calcium": "Ca", "cerium": "Ce", "chromium": "Cr", "cobalt": "Co",
    "copper": "Cu", "iron": "Fe", "lead": "Pb", "lithium": "Li", "magnesium": "Mg", "manganese": "Mn",
    "mercury": "Hg", "molybdenum": "Mo", "nickel": "Ni", "phosphorus": "P", "potassium": "K", "rubidium": "Rb",
    "scandium": "Sc", "selenium": "Se", "silicon": "Si", "silver": "Ag", "sodium": "Na", "strontium": "Sr",
    "sulfur": "S", "sulphur": "S", "thallium": "Tl", "thorium": "Th", "tin": "Sn", "titanium": "Ti",
    "tungsten": "W", "uranium": "U", "vanadium": "V", "zinc": "Zn", "zirconium": "Zr",
}  # fmt: skip

CHINESE_NAMES = {
    "砷": "As", "镉": "Cd", "铬": "Cr", "铜": "Cu", "汞": "Hg", "镍": "Ni", "铅": "Pb", "锌": "Zn", "钴": "Co",
    "锰": "Mn", "铁": "Fe", "铝": "Al", "锂": "Li", "锑": "Sb", "钒": "V", "硒": "Se", "钼": "Mo", "铊": "Tl",
}  # fmt: skip

# What is ordinary, only to notice a wrong unit. Solids, mg/kg: upper continental crust (Rudnick & Gao 2003, table 3).
CRUST_MG_KG = {
    "As": 4.8, "Cd": 0.09, "Cr": 92, "Cu": 28, "Hg": 0.05, "Ni": 47, "Pb": 17, "Zn": 67, "Co": 17.3, "Mn": 774,
    "Fe": 39200, "Al": 81500, "Li": 24, "Sb": 0.4, "V": 97,
}  # fmt: skip
# Water, ug/L: order of magnitude in coastal and river water, between the open ocean (Bruland et al. 2014, Treatise on
# Geochemistry 8.2) and the world's rivers (Gaillardet et al. 2014, Treatise on Geochemistry 7.7)
COASTAL_WATER_UG_L = {
    "As": 1.5, "Cd": 0.05, "Cr": 0.4, "Cu": 1, "Hg": 0.003, "Ni": 0.7, "Pb": 0.05, "Zn": 1, "Co": 0.1, "Mn": 5,
    "Fe": 20, "Al": 10, "Li": 100, "Sb": 0.15, "V": 1.5,
}  # fmt: skip

_SYMBOLS = {symbol.lower(): symbol for symbol in ATOMIC_WEIGHTS} | ENGLISH_NAMES


def symbol_of(text):
    """The element that a symbol or an English name stands for in any case (``"CD"``, ``"zinc"``), or None."""
    return _SYMBOLS.get(text.strip().lower())
