"""Class limits of the potential ecological risk index: a choice that belongs on the legend of every map."""

from bisect import bisect_right
from dataclasses import dataclass, replace

ER_CLASS_NAMES = ("Low", "Moderate", "Considerable", "High", "Very High")
RI_CLASS_NAMES = ("Low", "Moderate", "Considerable", "Very High")

# ColorBrewer's YlOrRd: light to dark, so told apart without colour vision and in grey print; a class of one name
# has one colour in both
ER_COLOURS = ("#ffffb2", "#fecc5c", "#fd8d3c", "#e31a1c", "#800026")
RI_COLOURS = ("#ffffb2", "#fecc5c", "#fd8d3c", "#800026")

# Hakanson's limits hold for his eight pollutants: PCB and Hg 40, Cd 30, As 10, Pb and Cu 5, Cr 2, Zn 1
HAKANSON_TR_SUM = 133.0


@dataclass(frozen=True)
class RiskScheme:
    """Classes of an index: the potential ecological risk index (PERI, Hakanson's RI), or another one by its name.

    limits: lower limits of the second and further classes; a value on a limit belongs to the higher class.
    class_names, colours: one more than limits, from low to high. source: who set the limits.
    metals: the elements the index sums, once it has been computed. index: what is classed, where it is not PERI.
    """

    name: str
    title: str
    limits: tuple
    source: str
    class_names: tuple = RI_CLASS_NAMES
    colours: tuple = RI_COLOURS
    metals: tuple = ()
    index: str = "PERI"

    @property
    def label(self):
        """Text for a legend: index, limits, their source and the metals summed."""
        limits = " / ".join(f"{limit:g}" for limit in self.limits)
        metals = f"; {len(self.metals)} metals: {', '.join(self.metals)}" if self.metals else ""
        return f"{self.index}, class limits {limits} ({self.source}{metals})"

    def class_of(self, value):
        """Class number of one value, from 1."""
        return bisect_right(self.limits, value) + 1

    def for_metals(self, toxic_response):
        """This scheme for these metals. toxic_response: mapping, element -> Tr of every metal summed.

        The scheme ``scaled`` takes Hakanson's limits times sum(Tr) / 133, the sum of his own eight pollutants.
        """
        metals = tuple(toxic_response.keys())
        if self.name != "scaled":
            return replace(self, metals=metals)
        factor = sum(toxic_response.values()) / HAKANSON_TR_SUM
        return replace(self, limits=tuple(round(limit * factor, 1) for limit in self.limits), metals=metals)


# The order is an interface: models and scripts choose by position
RISK_SCHEMES = {
    scheme.name: scheme
    for scheme in (
        RiskScheme("wu2025", "100 / 200 / 400, eight metals (Wu et al. 2025)", (100, 200, 400), "Wu et al. 2025"),
        RiskScheme("hakanson1980", "150 / 300 / 600 (Hakanson 1980)", (150, 300, 600), "Hakanson 1980"),
        RiskScheme(
            "scaled",
            "Hakanson's limits scaled to the sum of Tr of the metals used",
            (150, 300, 600),
            "Hakanson 1980, scaled to the sum of Tr",
        ),
    )
}
