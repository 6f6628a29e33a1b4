"""Pollution indices as a section of a report."""

import numpy as np

from ..core.index_schemes import SITE_INDICES, index_schemes
from ..core.indices import ER_CLASS_NAMES
from ..core.reference_values import GUIDELINES
from ..core.risk_scheme import ER_COLOURS
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

ER_TEXT = "Er, class limits 40 / 80 / 160 / 320 (Hakanson 1980)."


def section(result, medium="", background_title="", intervals=None):
    """A :class:`PollutionIndices` as a Section. background_title: where the background values come from; intervals: the
    table of ``peri_intervals``, or None.
    """
    stem = f"_{medium}" if medium else ""
    scheme = result.scheme
    peri = result.site["PERI"]
    paragraphs = (
        f"{scheme.label}. Background: {background_title or 'as listed'}.",
        _sentence(peri, scheme),
        *(() if intervals is None else (_interval_sentence(peri, intervals),)),
    )
    listings = (*publication(result).values(), *_more_listings(result))
    shares = f"Share of sites in each class. {scheme.label}. {ER_TEXT}"
    charts = (
        Chart(f"peri_classes{stem}", class_figure(result), shares),
        Chart(f"peri_parts{stem}", part_figure(result), "What PERI is made of, in each of its classes."),
        Chart(f"metal_classes{stem}", metal_class_figure(result), _metal_class_caption(result)),
    )
    title = f"Pollution and ecological risk: {medium}" if medium else "Pollution and ecological risk"
    return Section(title, paragraphs, listings, charts, _warnings(result))


def publication(result):
    """The tables as a reader wants them: file stem -> Listing."""
    metals = "Metals: background (mg/kg), Tr, CF and Er, and share of the sum of PERI."
    return {
        "peri_classes": Listing(f"Classes of PERI (RI). {result.scheme.label}.", _classes(result)),
        "peri_metals": Listing(metals, _metals(result)),
        "indices": Listing("Indices over all metals, a value per site.", _site_summary(result)),
    }


def _interval_sentence(peri, intervals):
    width = (intervals["PERI_high"] - intervals["PERI_low"]) / peri
    sure = intervals["PERI_class_percent"].dropna()
    stay = (sure >= 95).sum()
    return (
        "The background's own uncertainty alone makes the 95 % interval of PERI "
        f"{100 * width.median():.0f} % of its value wide (median of the sites); {stay} of {len(sure)} sites stay in "
        "their class in at least 95 % of the draws."
    )


def class_figure(result):
    """Stacked bars: share of sites per class, PERI first, then Er of each metal."""
    shares = result.class_shares()
    names = [name for name in dict.fromkeys(shares["index_name"]) if name == "PERI" or name.startswith("Er_")]
    figure, axes = new_figure(180, 14 + 7 * len(names))
    for row, name in enumerate(names):
        own = shares[shares["index_name"] == name]
        colours = result.scheme.colours if name == "PERI" else ER_COLOURS
        left = 0.0
        for colour, share in zip(colours, own["share_percent"].fillna(0)):
            axes.barh(row, share, left=left, height=0.72, color=colour, edgecolor=GREY, linewidth=0.4)
            if share >= 7:
                _write_inside(axes, left + share / 2, row, f"{share:.0f}", colour)
            left += share
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels([name.replace("_", " ") for name in names])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("Share of sites (%)")
    _class_legend(axes, ER_CLASS_NAMES, ER_COLOURS)
    return figure


def _metal_class_caption(result):
    limits = "; ".join(f"{kind}: {index_schemes()[kind].title}" for kind in _metal_kinds(result))
    return f"Share of sites in the classes of each metal's index. Class limits: {limits}."


def _metal_kinds(result):
    """The indices of single metals beside Er."""
    return [
        kind for kind, values in (("CF", result.cf), ("Igeo", result.igeo), ("EF", result.ef)) if len(values.columns)
    ]


def metal_class_figure(result):
    """Stacked bars per metal: share of sites in each class of CF and Igeo, and of EF where it was computed."""
    shares, kinds = result.class_shares(), _metal_kinds(result)
    elements = list(result.cf.columns)
    figure, panels = new_figure(180, 46 + 5 * len(elements), 1, len(kinds), squeeze=False, sharey=True)
    for panel, kind in zip(panels[0], kinds):
        scheme = index_schemes()[kind]
        for row, element in enumerate(elements):
            own = shares[shares["index_name"] == f"{kind}_{element}"]
            left = 0.0
            for colour, share in zip(scheme.colours, own["share_percent"].fillna(0)):
                panel.barh(row, share, left=left, height=0.72, color=colour, edgecolor=GREY, linewidth=0.4)
                if share >= 12:
                    _write_inside(panel, left + share / 2, row, f"{share:.0f}", colour)
                left += share
        panel.set_xlim(0, 100)
        panel.set_xlabel(f"{kind}: share of sites (%)")
        _class_legend(panel, scheme.class_names, scheme.colours, 1, "upper left", (0, -1.1 / len(elements) - 0.06))
    panels[0, 0].set_yticks(range(len(elements)), elements)
    panels[0, 0].invert_yaxis()
    return figure


def part_figure(result):
    """Stacked bars: share of each metal in the PERI of each class that has sites."""
    number = result.to_frame()["PERI_class"]
    present = sorted(number.dropna().unique())
    er = result.er[list(result.metals)]
    metals = er.median().sort_values(ascending=False).index
    figure, axes = new_figure(180, 20 + 11 * max(len(present), 1))
    for row, one in enumerate(present):
        inside = er[(number == one).fillna(False).to_numpy(dtype=bool)]
        shares = (100 * inside.div(inside.sum(axis=1), axis=0)).mean()
        left = 0.0
        for colour, metal in zip([*PALETTE, *[GREY] * len(metals)], metals):
            label = metal if row == 0 else None
            axes.barh(row, shares[metal], left=left, height=0.7, color=colour, edgecolor="white", lw=0.4, label=label)
            if shares[metal] >= 5:
                _write_inside(axes, left + shares[metal] / 2, row, f"{shares[metal]:.0f}", colour)
            left += shares[metal]
    names = [f"{result.scheme.class_names[one - 1]} ({(number == one).sum()} sites)" for one in present]
    axes.set_yticks(range(len(present)))
    axes.set_yticklabels(names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("Mean share of PERI (%)")
    if present:
        axes.legend(ncol=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=7.5, frameon=False)
    return figure


def _class_legend(axes, names, colours, columns=5, place="lower center", anchor=(0.5, 1.0)):
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=c, edgecolor=GREY, linewidth=0.4, label=n) for c, n in zip(colours, names)]
    axes.legend(handles=handles, ncol=columns, loc=place, bbox_to_anchor=anchor, fontsize=7.5, frameon=False)


def _write_inside(axes, x, y, text, colour):
    """Text on a bar, in the ink that shows on its colour."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else "#1f2933"
    axes.text(x, y, text, ha="center", va="center", fontsize=7, color=ink)


def _sentence(peri, scheme):
    known = peri.dropna()
    if known.empty:
        return "No site has a value of every metal, so there is no PERI."
    middle = float(known.median())
    name = scheme.class_names[scheme.class_of(middle) - 1]
    return (
        f"PERI of {len(known)} sites: median {middle:.0f} ({name}), from {known.min():.0f} to {known.max():.0f}; "
        f"row of the highest: {int(np.nanargmax(peri.to_numpy())) + 1}."
    )


def _classes(result):
    shares = result.class_shares().query("index_name == 'PERI'")
    names = {
        "class_name": "Class",
        "lower": "From",
        "upper": "Below",
        "sites": "Sites",
        "share_percent": "Share (%)",
    }
    return shares[list(names)].rename(columns=names)


def _more_listings(result):
    """Classes of the other indices of a site and, where they were asked for, what lies above the guidelines."""
    shares = result.class_shares()
    shares = shares[shares["index_name"].isin(SITE_INDICES) & (shares["sites"] > 0)]
    names = {"index_name": "Index", "class_name": "Class", "lower": "From", "upper": "Below", "sites": "Sites"}
    names.update(share_percent="Share (%)", limits_by="Limits of")
    yield Listing("Classes of the other indices over all metals.", shares[list(names)].rename(columns=names))
    if "mPELQ" in result.site:
        above = result.guideline_shares()
        above.columns = ["Element", "n", *(f"> {kind} (% of sites)" for kind in GUIDELINES)]
        text = "Sites above the guidelines of marine sediment (TEL, PEL: MacDonald et al. 1996; ERL, ERM: Long et al. "
        text += "1995)."
        yield Listing(text, above)


def _metals(result):
    names = {
        "element": "Element",
        "n": "n",
        "background": "Background",
        "Tr": "Tr",
        "CF_median": "CF median",
        "CF_max": "CF max",
        "CF_above_1_percent": "CF > 1 (% of sites)",
        "Er_median": "Er median",
        "Er_max": "Er max",
        "PERI_share_percent": "Share of PERI (%)",
    }
    return result.summary()[list(names)].rename(columns=names)


def _site_summary(result):
    quantiles = result.site.drop(columns="n_metals").quantile([0.0, 0.25, 0.5, 0.75, 1.0]).T
    quantiles.columns = ["Least", "Lower quartile", "Median", "Upper quartile", "Greatest"]
    return quantiles.rename_axis("Index").reset_index()


def _warnings(result):
    warnings = []
    for reason, group in result.left_out.groupby(result.left_out):
        if reason != "not chosen":
            warnings.append(f"Not part of PERI ({reason}): {', '.join(group.index)}.")
    if result.incomplete:
        warnings.append(f"{result.incomplete} of {len(result.site)} sites lack a metal that PERI sums.")
    if result.scheme.name == "wu2025" and len(result.metals) < 8:
        warnings.append(
            f"The limits 100/200/400 are set for eight metals; {len(result.metals)} are summed: classes come out low."
        )
    return tuple(warnings)
