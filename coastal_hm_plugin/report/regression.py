"""A multiple regression as a section of a report: coefficients as a paper prints them, and whether to believe them."""

import numpy as np

from .document import Chart, Listing, Section, format_number
from .style import GREY, PALETTE, new_figure

SHOWN = 12  # predictors beyond which the figure grows
DOT = {"ls": "none", "marker": "o", "ms": 3, "mec": "white", "mew": 0.3, "color": PALETTE[0]}


def section(result):
    """A :class:`Regression` as a Section."""
    chart = Chart("regression", figure(result), caption(result))
    paragraphs = (_fit(result), _residuals(result))
    return Section(f"Regression of {result.target}", paragraphs, tuple(publication(result).values()), (chart,),
                   result.warnings)  # fmt: skip


def caption(result):
    """What the figure shows, with n and method."""
    level = f"{100 * result.options.confidence:g} %"
    return (
        f"Ordinary least squares of {result.target} on {len(result.predictors)} predictors, n = {result.model['n'][0]}."
        f" Upper left: standardized coefficients with {level} intervals, classical (thick) and robust to unequal "
        "variances (HC3, thin). Upper right: observed against fitted, the line where they are equal. Lower left: "
        "residuals against fitted. Lower right: studentized residuals against the quantiles of a normal distribution."
    )


def publication(result):
    """The tables as a reader wants them: file stem -> Listing. The first has the layout of Wu et al. 2025, Table S9."""
    level = f"{100 * result.options.confidence:g} %"
    first = {"variable": "Variable", "coefficient": "Coefficient (β)", "std_error": "Std. Error", "t": "t-value",
             "p": "p-value"}  # fmt: skip
    more = {"variable": "Variable", "low": f"{level} from", "high": "to", "hc3_error": "HC3 error", "hc3_t": "HC3 t",
            "hc3_p": "HC3 p", "hc3_low": f"HC3 {level} from", "hc3_high": "HC3 to", "beta": "Standardized β",
            "vif": "VIF"}  # fmt: skip
    note = f"Multiple regression of {result.target}. {_note(result)}"
    table = result.coefficients
    return {
        "regression": Listing(note, table[list(first)].rename(columns=first), 4),
        "regression_details": Listing(
            f"{level} intervals of the coefficients, errors robust to unequal variances (HC3), standardized "
            f"coefficients and variance inflation; n = {result.model['n'][0]}.",
            table[list(more)].rename(columns=more),
        ),
        "regression_model": Listing("The model as a whole and its residuals.", _model_table(result), 4),
    }


def _note(result):
    model = result.model.iloc[0]
    return (
        f"R-squared: {model['r_squared']:.3f}, F-statistic: {model['f']:.2f} on {model['predictors']} and "
        f"{model['df']} degrees of freedom, p {_p(model['p'])}, n = {model['n']}."
    )


def _p(p):
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


MODEL = {
    "n": "Rows, n",
    "predictors": "Predictors",
    "df": "Degrees of freedom of the residuals",
    "r_squared": "R2",
    "adjusted_r_squared": "Adjusted R2",
    "predicted_r_squared": "Predicted R2, each row left out",
    "f": "F",
    "p": "p of F",
    "f_hc3": "F with HC3 errors",
    "p_hc3": "p of F with HC3 errors",
    "sigma": "Standard error of the residuals",
    "aic": "AIC",
    "bic": "BIC",
    "shapiro_w": "Shapiro-Wilk W, normal residuals",
    "shapiro_p": "p of W",
    "breusch_pagan": "Breusch-Pagan (Koenker), constant variance",
    "breusch_pagan_p": "p of Breusch-Pagan",
    "moran_i": "Moran's I of the residuals",
    "moran_expected": "Moran's I expected without autocorrelation",
    "moran_z": "z of Moran's I",
    "moran_p": "p of Moran's I, one-sided",
}


def _model_table(result):
    model = result.model.iloc[0]
    rows = [(label, float(model[name])) for name, label in MODEL.items()]
    return type(result.model)(rows, columns=["Quantity", "Value"])


def _fit(result):
    model = result.model.iloc[0]
    sure = result.coefficients.iloc[1:]
    sure = sure[sure["p"] < 0.05].sort_values("p")
    named = ", ".join(f"{row.variable} (β {format_number(row.beta, 2)}, p {_p(row.p)})" for row in sure.itertuples())
    return (
        f"Ordinary least squares on {model['n']} rows: R2 {model['r_squared']:.2f}, adjusted "
        f"{model['adjusted_r_squared']:.2f}, predicted (each row left out) {model['predicted_r_squared']:.2f}. "
        f"Predictors with p < 0.05{f', and their standardized β: {named}' if named else ': none'}."
    )


def _residuals(result):
    model = result.model.iloc[0]
    said = [f"Shapiro-Wilk p {_p(model['shapiro_p'])}", f"Breusch-Pagan p {_p(model['breusch_pagan_p'])}"]
    if np.isfinite(model["moran_i"]):
        size = format_number(model["moran_i"], 2)
        said.append(f"Moran's I over {model['neighbours']:g} nearest neighbours {size}, p {_p(model['moran_p'])}")
    else:
        said.append("Moran's I not given, for want of places")
    return f"Residuals: {'; '.join(said)}."


def figure(result):
    """Coefficients, observed against fitted, and two looks at the residuals."""
    extra = max(0, len(result.predictors) - SHOWN) * 4
    drawn, axes = new_figure(180, 125 + extra, 2, 2, gridspec_kw={"height_ratios": [62 + extra, 58]})
    sites = result.sites.dropna(subset=["residual"])
    _coefficients(axes[0, 0], result.coefficients.iloc[1:])
    _observed(axes[0, 1], sites, result.target)
    axes[1, 0].axhline(0, color=GREY, lw=0.8)
    axes[1, 0].plot(sites["fitted"], sites["residual"], **DOT)
    axes[1, 0].set_xlabel(f"Fitted {result.target}")
    axes[1, 0].set_ylabel("Residual")
    _quantiles(axes[1, 1], sites["studentized"].dropna().to_numpy())
    return drawn


def _coefficients(panel, table):
    places = np.arange(len(table))[::-1]
    beta = table["beta"].to_numpy()
    scale = beta / table["coefficient"].to_numpy()
    panel.axvline(0, color=GREY, lw=0.8)
    for low, high, shift, width in (("low", "high", 0.0, 2.4), ("hc3_low", "hc3_high", -0.22, 0.9)):
        panel.hlines(places + shift, table[low] * scale, table[high] * scale, color=PALETTE[0], lw=width)
    panel.plot(beta, places, "o", ms=4.5, color=PALETTE[5], mec="white", mew=0.5, zorder=4)
    panel.set_yticks(places, table["variable"])
    panel.set_ylim(-0.7, len(table) - 0.3)
    panel.set_xlabel("Standardized coefficient β")


def _observed(panel, sites, target):
    both = sites[["fitted", "observed"]].to_numpy()
    ends = [both.min(), both.max()]
    panel.plot(ends, ends, color=GREY, lw=0.8)
    panel.plot(sites["fitted"], sites["observed"], **DOT)
    panel.set_xlabel(f"Fitted {target}")
    panel.set_ylabel(f"Observed {target}")


def _quantiles(panel, studentized):
    from scipy.special import ndtri

    n = len(studentized)
    normal = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))  # Blom's plotting positions
    panel.plot(normal[[0, -1]], normal[[0, -1]], color=GREY, lw=0.8)
    panel.plot(normal, np.sort(studentized), **DOT)
    panel.set_xlabel("Normal quantile")
    panel.set_ylabel("Studentized residual")
