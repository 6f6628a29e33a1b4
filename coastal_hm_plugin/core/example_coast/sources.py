"""The planted truth: four sources of metals, the background levels, and what decides each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .coastline import scale
from .rasters import HOTSPOT, HOTSPOT_RADIUS_KM

ELEMENTS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")
SOURCES = ("lithogenic", "agricultural", "industrial", "coal and legacy")

# Central values of the uncontaminated samples, mg/kg: the box-plot baselines of Wu et al. 2025, Table 1
BACKGROUND = {
    "soil": (6.52, 0.110, 56.8, 18.70, 0.025, 22.95, 23.30, 63.4),
    "sediment": (7.26, 0.110, 55.6, 18.50, 0.026, 22.80, 21.80, 66.6),
}
# Share of each source in the mean of each element over the coast; rows as SOURCES, columns as ELEMENTS.
# A factor model is unique only as far as it has zeros (Donoho & Stodden 2003): hence elements that a source lacks
# (Cr and Ni of farms, Cr and Ni of coal), and below sites where it is all but absent (sand, unfarmed land, remoteness).
SHARES = {
    "soil": (
        (0.50, 0.14, 0.96, 0.50, 0.09, 0.94, 0.48, 0.48),
        (0.05, 0.30, 0.00, 0.43, 0.00, 0.00, 0.02, 0.29),
        (0.03, 0.53, 0.04, 0.05, 0.11, 0.06, 0.47, 0.21),
        (0.42, 0.03, 0.00, 0.02, 0.80, 0.00, 0.03, 0.02),
    ),
    "sediment": (
        (0.48, 0.12, 0.95, 0.50, 0.08, 0.93, 0.44, 0.48),
        (0.04, 0.28, 0.00, 0.41, 0.00, 0.00, 0.00, 0.27),
        (0.03, 0.57, 0.05, 0.07, 0.14, 0.07, 0.52, 0.23),
        (0.45, 0.03, 0.00, 0.02, 0.78, 0.00, 0.04, 0.02),
    ),
}
CONTAMINATED = 2.0  # contribution (mean 1) of the industrial or the legacy source above which a site is contaminated

ROCK_YIELD = np.array([0.0, 1.0, 0.85, 0.7, 0.65, 1.7])  # by lithology code: basic rocks carry Cr and Ni
FARM_YIELD = np.array([0.0, 1.0, 0.03, 0.12, 0.03, 0.03, 0.06])  # by land-use code: fertilised land
SAND_SHARE = 0.15  # of the sites: quartz sand, which holds next to no lithogenic metals
SAND_YIELD = 0.04
ENTERPRISES_HALF = 1.6  # enterprises per 100 km2 at which the industrial source reaches half its ceiling
HOTSPOT_GAIN = (1.6, 1.9)  # what old smelters add around the hotspot: times the industrial, times the legacy source
OM_HOLDS, OM_STEP = 18.0, 2.0  # g/kg: around which, and within what, organic matter begins to hold Hg and As


@dataclass(frozen=True, eq=False)
class Planted:
    """One medium's truth. contributions: sites x sources, mean 1; profiles: sources x elements, mg/kg;
    contaminated: which sites; levels are contributions @ profiles.
    """

    contributions: np.ndarray
    profiles: np.ndarray
    contaminated: np.ndarray

    def profile_table(self):
        """Sources x elements as a table, mg/kg at mean contribution."""
        return pd.DataFrame(self.profiles, index=pd.Index(SOURCES, name="source"), columns=list(ELEMENTS))


def site_drivers(coast, sites, rng):
    """What decides the sources at each site: the rasters there, sand, and nearness to the hotspot (1 at it, 0 far)."""
    to_hotspot = np.hypot(*((sites - HOTSPOT) * scale(HOTSPOT[1])).T)
    names = ("lithology", "land_use", "enterprise_density", "gdp", "ndvi")
    drivers = {name: coast.at(name, sites) for name in names}
    drivers["sand"] = rng.permutation(len(sites)) < round(SAND_SHARE * len(sites))
    drivers["hotspot"] = np.exp(-0.5 * (to_hotspot / (HOTSPOT_RADIUS_KM / 2)) ** 2)
    return drivers


def raw_contributions(drivers, organic_matter, rng):
    """Sites x sources, in arbitrary units: what the drivers yield, and what they leave unexplained (12 to 35 %)."""

    def unexplained(spread):
        return np.exp(spread * rng.standard_normal(len(organic_matter)))

    density = np.nan_to_num(drivers["enterprise_density"])
    lithogenic = ROCK_YIELD[drivers["lithology"]] * np.where(drivers["sand"], SAND_YIELD, 1.0) * unexplained(0.12)
    farming = FARM_YIELD[drivers["land_use"]] * unexplained(0.35)
    old_industry, old_coal = (gain ** drivers["hotspot"] for gain in HOTSPOT_GAIN)
    industry = (0.01 + density**2 / (density**2 + ENTERPRISES_HALF**2)) * old_industry * unexplained(0.25)
    held = 0.2 + 1 / (1 + np.exp((OM_HOLDS - organic_matter) / OM_STEP))
    coal = held * (drivers["gdp"] / 2500) ** 0.3 * old_coal * unexplained(0.25)
    return np.column_stack([lithogenic, farming, industry, coal])


def plant(raw, medium):
    """Scale contributions to mean 1 and profiles so that uncontaminated samples centre on the background levels.

    raw: samples x sources. The scaling of an element is common to all sources, so the shares stay as planted.
    """
    contributions = raw / raw.mean(axis=0)
    contaminated = (contributions[:, 2:] > CONTAMINATED).any(axis=1)
    shares = np.array(SHARES[medium])
    centre = (contributions[~contaminated] @ shares).mean(axis=0)
    return Planted(contributions, shares * (np.array(BACKGROUND[medium]) / centre), contaminated)
