"""Groups compared as a section of a report: box plots with letters, tests, pairs and group statistics."""

import numpy as np

from .axes import logarithmic, panels
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, text_width

PANELS = 12  # in one figure
WIDE = 6  # groups beyond which two panels stand in a row
LOG_SPAN = 30  # largest over smallest value from which an axis is logarithmic
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
METHOD = {
    "kruskal": "Kruskal-Wallis test, and Dunn's test of the pairs with Holm's adjustment",
    "welch": "Welch's analysis of variance, and Games and Howell's test of the pairs",
}
EFFECTS = {
    "kruskal": "Effect sizes: epsilon squared (0 to 1) of all groups; rank-biserial correlation of a pair, the share "
    "of value pairs where the first group is higher minus the share where it is lower.",
    "welch": "Effect sizes: omega squared (0 to 1) of all groups; Hedges' g of a pair, the difference of the means "
    "in pooled standard deviations.",
}

_TEST = {"variable": "Variable", "n": "n", "groups": "Groups"}
_PAIR = {"variable": "Variable", "group_1": "Group 1", "group_2": "Group 2", "n_1": "n 1", "n_2": "n 2"}
COLUMNS = {
    "kruskal": {
        "tests": {**_TEST, "statistic": "H", "df": "df", "p": "p", "effect": "Epsilon squared"},
        "pairs": {**_PAIR, "difference": "Difference of mean ranks", "statistic": "z", "p": "p",
                  "p_adjusted": "p adjusted", "effect": "Rank-biserial"},
    },
    "welch": {
        "tests": {**_TEST, "statistic": "F", "df": "df", "df_within": "df within", "p": "p", "effect": "Omega squared"},
        "pairs": {**_PAIR, "difference": "Difference of means", "statistic": "t", "df": "df",
                  "p_adjusted": "p adjusted", "effect": "Hedges' g"},
    },
}  # fmt: skip
GROUP_COLUMNS = {
    **{"variable": "Variable", "group": "Group", "n": "n", "missing": "Missing", "mean": "Mean", "sd": "SD"},
    **{"median": "Median", "q25": "Lower quartile", "q75": "Upper quartile"},
    **{"minimum": "Least", "maximum": "Greatest", "letters": "Letters"},
}


def section(result, units=None, sites=""):
    """A :class:`GroupComparison` as a Section. units: variable -> unit; sites: what a row is and where groups are from,
    such as ``"103 sites by estuary"``."""
    options = result.options
    paragraphs = (
        f"{METHOD[options.method]}{f'; {sites}' if sites else ''}. "
        f"{'Of log10 of the values. ' if options.log10 else ''}Groups that share a letter do not differ at "
        f"p < {options.alpha:g}; a is the highest.",
        f"{_summary(result)} {EFFECTS[options.method]}",
    )
    tables = publication(result)
    listings = (tables["group_tests"], _differing(result, tables["group_pairs"]), tables["group_statistics"])
    return Section("Groups compared", paragraphs, listings, charts(result, units), result.warnings)


def charts(result, units=None):
    """Box plots of all tested variables, twelve in a figure, as Charts."""
    tested = list(result.tests["variable"])
    total = result.tests["n"]
    count = f"n = {total.min()}" if total.min() == total.max() else f"n = {total.min()} to {total.max()}"
    caption = (
        f"Every value, median, quartiles and whiskers to the furthest value within 1.5 interquartile ranges; {count}, "
        f"of each group beside its name. {METHOD[result.options.method]}: groups that share a letter do not differ at "
        f"p < {result.options.alpha:g}. Stars: p of all groups < 0.05 (*), 0.01 (**), 0.001 (***); ns: not below 0.05."
    )
    parts = [tested[start : start + PANELS] for start in range(0, len(tested), PANELS)]
    return tuple(
        Chart("groups" if number == 0 else f"groups_{number + 1}", figure(result, part, units or {}), caption)
        for number, part in enumerate(parts)
    )


def figure(result, variables, units):
    """A panel per variable: a box per group with its points, its n and its letters."""
    wide = len(result.names) > WIDE
    room = 60 if wide else 28  # letters that stand along the axis of a panel
    rotated = max(map(text_width, result.names)) * len(result.names) > room
    drawn, axes = panels(len(variables), 2 if wide else 3, 62 if rotated else 52)
    tests = result.tests.set_index("variable")
    for variable, panel in zip(variables, axes):
        own = result.groups[(result.groups["variable"] == variable) & (result.groups["n"] > 0)]
        _boxes(panel, result, variable, own)
        named = [f"{row.group} ({row.n})" if rotated else f"{row.group}\n({row.n})" for row in own.itertuples()]
        slant = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if rotated else {}
        panel.set_xticks(range(len(own)), named, **slant, fontsize=7.5 if len(own) <= WIDE else 6)
        stars = next((sign for limit, sign in STARS if tests.loc[variable, "p"] < limit), "ns")
        panel.set_title(f"{variable}  ({stars})", loc="left", fontsize=8.5, fontweight="bold")
        unit = units.get(variable, "")
        panel.set_ylabel(f"log10 ({unit})" if unit and result.options.log10 else unit or _scale(result))
    return drawn


def _scale(result):
    return "log10 of the value" if result.options.log10 else "Value"


def _boxes(panel, result, variable, groups):
    """Boxes and points of a variable, on a logarithmic axis where it spans much, and the letters above."""
    spread = np.random.default_rng(0).uniform(-0.22, 0.22, len(result.labels))
    column, highest, lowest = result.values[variable], -np.inf, np.inf
    for place, row in enumerate(groups.itertuples()):
        colour = PALETTE[list(result.names).index(row.group) % (len(PALETTE) - 1)]
        chosen = ((result.labels == row.group) & column.notna()).to_numpy()
        values = column.to_numpy()[chosen]
        line = {"color": GREY, "linewidth": 0.8}
        panel.boxplot([values], positions=[place], widths=0.6, manage_ticks=False, showfliers=False, patch_artist=True,
                      boxprops={"facecolor": f"{colour}40", "edgecolor": colour, "linewidth": 0.9}, whiskerprops=line,
                      medianprops={"color": "#111827", "linewidth": 1.3}, capprops=line)  # fmt: skip
        panel.plot(place + spread[chosen], values, "o", ms=2, mec="none", color=colour, alpha=0.65)
        highest, lowest = max(highest, values.max()), min(lowest, values.min())
    if lowest > 0 and highest / lowest > LOG_SPAN:
        logarithmic(panel.yaxis, lowest, highest)
        top, bottom = highest * (highest / lowest) ** 0.14, lowest / (highest / lowest) ** 0.05
    else:
        top, bottom = highest + 0.14 * (highest - lowest), lowest - 0.05 * (highest - lowest)
    panel.set_ylim(bottom, top)
    for place, letters in enumerate(groups["letters"]):
        panel.text(place, 0.995, letters, transform=panel.get_xaxis_transform(), ha="center", va="top", fontsize=8)


def _summary(result):
    """How many variables differ, in words."""
    tests = result.tests
    differing = tests[tests["p"] < result.options.alpha]
    if not len(differing):
        return f"No variable differs between the groups (of {len(tests)})."
    strongest = differing.loc[differing["effect"].idxmax()]
    return (
        f"{len(differing)} of {len(tests)} variables differ between the groups: {', '.join(differing['variable'])}; "
        f"the most by effect size: {strongest['variable']} ({strongest['effect_name']} {strongest['effect']:.2f})."
    )


def publication(result):
    """The tables as a reader wants them: file stem -> Listing."""
    first, second = METHOD[result.options.method].split(", and ")
    scale = ", log10 of the values" if result.options.log10 else ""
    own = COLUMNS[result.options.method]
    return {
        "group_tests": _listing(f"{first} between {len(result.names)} groups{scale}.", result.tests, own["tests"]),
        "group_pairs": _listing(f"{second[0].upper()}{second[1:]}{scale}.", result.pairs, own["pairs"]),
        "group_statistics": _listing(f"Statistics of each group{scale}.", result.groups, GROUP_COLUMNS),
    }


def _differing(result, pairs):
    """The pairs that differ; all of them would fill pages."""
    differ = result.pairs["differ"].to_numpy()
    caption = f"{pairs.caption[:-1]}: the {differ.sum()} of {len(differ)} pairs that differ."
    return Listing(caption, pairs.table[differ])


def _listing(caption, table, names):
    return Listing(caption, table[list(names)].rename(columns=names))
