"""The synthetic rasters of the example coast: relief, rocks, land use, people, industry and climate."""

from dataclasses import dataclass

import numpy as np

from .coastline import KM_PER_DEGREE, inside, scale, shore_points
from .fields import random_field

INLAND_KM = 60.0  # how far the coastal zone reaches inland,
OFFSHORE_KM = 6.0  # and out to sea: sites just off the shore must find their covariates
HOTSPOT = (124.15, 40.03)  # longitude, latitude of the industrial cluster beside the Yalu estuary
HOTSPOT_RADIUS_KM = 40.0
CLUSTER_KM = 11.0
CATEGORY_NODATA = 0
NUMBER_NODATA = -9999.0

# label and colour of the classes, whose codes count from 1
LITHOLOGY = (
    ("Unconsolidated sediments", "#f3e9c6"),
    ("Siliciclastic sedimentary rocks", "#c9a66b"),
    ("Carbonate rocks", "#7fb2d9"),
    ("Granite and gneiss", "#d98fa0"),
    ("Basic volcanic rocks", "#5b7f5b"),
)
LAND_USE = (
    ("Cropland", "#f0d77a"),
    ("Forest", "#3d7a46"),
    ("Grassland", "#a9c97f"),
    ("Built-up land", "#c2463c"),
    ("Salt pans and wetland", "#9fc7c0"),
    ("Water", "#5f93c4"),
)
GREENNESS = np.array([0.0, 0.55, 0.78, 0.5, 0.28, 0.15, 0.05])  # mean NDVI by land-use code

# longitude, latitude, weight: the coast's large cities; the weights are made up
CITIES = (
    (121.60, 38.92, 1.0),
    (124.38, 40.12, 0.7),
    (122.22, 40.66, 0.5),
    (120.85, 40.72, 0.4),
    (119.58, 39.94, 0.5),
    (118.18, 39.63, 0.7),
    (117.50, 39.05, 1.4),
    (118.55, 37.45, 0.4),
    (121.40, 37.50, 0.6),
    (120.38, 36.12, 1.2),
    (119.45, 35.42, 0.4),
    (119.20, 34.62, 0.5),
    (120.90, 32.02, 0.7),
    (121.48, 31.22, 1.6),
)
# where factories crowd beside what cities attract: longitude, latitude, number of enterprises
CLUSTERS = (
    (*HOTSPOT, 120),
    (117.72, 38.85, 85),
    (121.85, 31.05, 45),
    (120.95, 40.75, 55),
    (119.25, 34.80, 45),
    (119.10, 37.20, 35),
    (121.20, 37.55, 30),
    (120.90, 32.60, 30),
    (121.55, 39.60, 25),
)
# hill lands: longitude, latitude, height (m), reach (km)
HILLS = (
    (123.2, 40.6, 420, 90),
    (121.7, 39.3, 170, 70),
    (119.2, 40.7, 480, 75),
    (120.9, 37.2, 270, 60),
    (122.1, 37.2, 190, 40),
    (118.2, 36.1, 520, 80),
    (119.9, 36.0, 180, 50),
    (125.6, 40.3, 460, 80),
    (118.5, 30.2, 380, 90),
    (121.0, 30.1, 250, 40),
)
SECTORS = ("metal smelting", "electroplating", "chemicals", "machinery", "textile dyeing", "shipbuilding")


@dataclass(frozen=True)
class Grid:
    """A north-up grid of square cells in degrees."""

    west: float = 117.0
    north: float = 41.0
    cell: float = 0.02
    shape: tuple = (550, 450)

    @property
    def longitudes(self):
        """Cell centres, west to east."""
        return self.west + (np.arange(self.shape[1]) + 0.5) * self.cell

    @property
    def latitudes(self):
        """Cell centres, north to south."""
        return self.north - (np.arange(self.shape[0]) + 0.5) * self.cell

    @property
    def cell_km(self):
        """Width and height of a cell at the middle latitude."""
        middle = np.radians(self.north - self.shape[0] * self.cell / 2)
        return (self.cell * KM_PER_DEGREE * np.cos(middle), self.cell * KM_PER_DEGREE)

    def cells(self, points):
        """Row and column of the cells that hold the points (... x 2, longitude and latitude)."""
        rows = np.floor((self.north - points[..., 1]) / self.cell).astype(int)
        columns = np.floor((points[..., 0] - self.west) / self.cell).astype(int)
        return rows, columns

    def distance_km(self, longitude, latitude):
        """Distance of every cell from a point."""
        width, height = self.cell_km
        east = (self.longitudes - longitude) / self.cell * width
        south = (self.latitudes - latitude) / self.cell * height
        return np.hypot(east[None, :], south[:, None])


@dataclass(frozen=True)
class Coast:
    """The rasters (name -> rows x columns, NaN or 0 outside the coastal zone) and the enterprises."""

    grid: Grid
    numbers: dict
    categories: dict
    enterprises: np.ndarray
    sectors: np.ndarray

    def at(self, name, points):
        """Values of a raster at points: the nearest cell's."""
        return {**self.numbers, **self.categories}[name][self.grid.cells(points)]

    def covers(self, points):
        """Which points lie in the coastal zone, where every raster has a value."""
        return self.at("lithology", points) != CATEGORY_NODATA


def make_rasters(outline, rng, monitor):
    """All rasters of the coast, each consistent with the others and with the outline."""
    grid = Grid()
    land, zone, inland_km = _zones(grid, outline)
    monitor.progress(0.1)
    hills = _hills(grid)
    elevation = _elevation(grid, rng, land, inland_km, hills)
    height = np.maximum(elevation, 0)
    monitor.progress(0.25)
    precipitation, temperature = _climate(grid, rng, height)
    monitor.progress(0.4)
    population = _population(grid, rng, height)
    enterprises = _enterprises(grid, rng, land & zone, population)
    density = _density(grid, enterprises)
    monitor.progress(0.6)
    gdp = population * 6.5 * np.exp(0.35 * random_field(rng, grid, 150)) + 900 * density
    lithology = _lithology(grid, rng, hills)
    monitor.progress(0.8)
    land_use = _land_use(grid, rng, height, hills, (population, density), inland_km)
    ndvi = GREENNESS[land_use] + 1.2e-4 * (precipitation - 800)
    ndvi = np.clip(ndvi + 0.06 * random_field(rng, grid, 25), -0.1, 0.95)
    numbers = {
        "ndvi": ndvi.round(3),
        "population": population.round(0),
        "gdp": gdp.round(0),
        "enterprise_density": density.round(3),
        "precipitation": precipitation.round(0),
        "temperature": temperature.round(1),
    }
    numbers = {name: np.where(zone, values, np.nan) for name, values in numbers.items()}
    categories = {"lithology": lithology, "land_use": land_use}
    categories = {name: np.where(zone, codes, CATEGORY_NODATA) for name, codes in categories.items()}
    monitor.progress(1.0)
    sectors = np.array(SECTORS)[rng.integers(0, len(SECTORS), len(enterprises))]
    return Coast(grid, {"elevation": elevation, **numbers}, categories, enterprises, sectors)


def _zones(grid, outline):
    """Land, the coastal zone of China, and the distance inland (km; negative at sea)."""
    from scipy.ndimage import distance_transform_edt

    def burn(rings):
        return np.array([inside(rings, grid.longitudes, latitude) for latitude in grid.latitudes])

    land, chinese = burn(outline.all_rings), burn(outline.rings["China"])
    open_sea = np.ones(grid.shape, dtype=bool)
    open_sea[grid.cells(shore_points(outline))] = False
    spacing = grid.cell_km[::-1]
    from_shore = distance_transform_edt(open_sea, spacing)  # not from the banks of the rivers
    to_sea = distance_transform_edt(land, spacing)
    to_land, nearest = distance_transform_edt(~land, spacing, return_indices=True)
    ours = chinese[tuple(nearest)]  # a cell at sea belongs to the nearest land
    zone = (from_shore <= INLAND_KM) & np.where(land, chinese, ours & (to_land <= OFFSHORE_KM))
    return land, zone, to_sea - to_land


def _hills(grid):
    """Metres of relief to expect: the hill lands around the two seas, none in the plains."""
    hills = np.zeros(grid.shape)
    for longitude, latitude, height, reach in HILLS:
        hills = np.maximum(hills, height * np.exp(-0.5 * (grid.distance_km(longitude, latitude) / reach) ** 2))
    return hills


def _elevation(grid, rng, land, inland_km, hills):
    """Metres: hills on the Liaodong and Shandong peninsulas, plains between, a shelf sea."""
    from scipy.ndimage import gaussian_filter

    rough = random_field(rng, grid, 40, 0.8, 2.0, 40)
    rise = 1 - np.exp(-np.maximum(inland_km, 0) / 12)
    up = (2 + 0.1 * np.maximum(inland_km, 0)) * (1 + 0.2 * rough) + hills * np.exp(0.4 * rough) * rise
    depth = 75 * (1 - np.exp(np.minimum(inland_km, 0) / 90)) * np.exp(0.25 * random_field(rng, grid, 120))
    return np.where(land, np.maximum(up, 0.5), -np.maximum(gaussian_filter(depth, 1), 0.5)).round(0)


def _climate(grid, rng, height):
    """Annual precipitation (mm), more to the south; mean temperature (degrees C), less to the north and uphill."""
    south = (41.0 - grid.latitudes)[:, None] / 11
    east = (grid.longitudes - 117.0)[None, :] / 9
    precipitation = 560 + 480 * south + 240 * east * (1 - south) + 45 * random_field(rng, grid, 180) + 0.25 * height
    temperature = 9.2 + 7.0 * south - 0.0065 * height + 0.35 * random_field(rng, grid, 220)
    return precipitation, temperature


def _population(grid, rng, height):
    """Persons per km2: a countryside thinner in the hills, and cities."""
    people = 260 * np.exp(0.6 * random_field(rng, grid, 60, 0.6)) * np.exp(-height / 350)
    for longitude, latitude, weight in CITIES:
        away = grid.distance_km(longitude, latitude)
        people += weight * 5200 * np.exp(-away / 7)
    return people


def _enterprises(grid, rng, where, population):
    """Locations (k x 2): most follow people, the rest crowd in clusters."""
    rows, columns = np.nonzero(where)
    attraction = population[rows, columns] ** 0.8 * np.exp(0.9 * random_field(rng, grid, 70)[rows, columns])
    picked = rng.choice(len(rows), 420, p=attraction / attraction.sum())
    points = [np.column_stack([grid.longitudes[columns[picked]], grid.latitudes[rows[picked]]])]
    for longitude, latitude, count in CLUSTERS:
        points.append([longitude, latitude] + rng.standard_normal((count, 2)) * CLUSTER_KM / scale(latitude))
    points = np.concatenate(points) + rng.uniform(-0.5, 0.5, (sum(map(len, points)), 2)) * grid.cell
    within = [where[grid.cells(point)] for point in np.clip(points, [117.02, 30.02], [125.98, 40.98])]
    return points[np.array(within)].round(5)


def _density(grid, enterprises, kernel_km=12.0):
    """Enterprises per 100 km2: a Gaussian kernel over their locations."""
    from scipy.ndimage import gaussian_filter

    count = np.zeros(grid.shape)
    np.add.at(count, grid.cells(enterprises), 1)
    sigma = (kernel_km / grid.cell_km[1], kernel_km / grid.cell_km[0])
    return gaussian_filter(count, sigma) / (grid.cell_km[0] * grid.cell_km[1]) * 100


def _lithology(grid, rng, hills):
    """Loose sediments in the plains; four kinds of rock in and before the hills."""
    kinds = [random_field(rng, grid, 90, 1.0, 1.8, 40) for _ in range(4)]
    kinds[2] = kinds[2] + 0.3  # granite and gneiss are the commonest rock here
    rock = np.argmax(kinds, axis=0) + 2
    return np.where(hills + 25 * random_field(rng, grid, 50) > 75, rock, 1)


def _land_use(grid, rng, height, hills, crowding, inland_km):
    """Classes from relief, people and factories, and the distance from the sea."""
    population, density = crowding
    wild, wet, built = (random_field(rng, grid, reach) for reach in (30, 40, 15))
    use = np.full(grid.shape, 1)
    use[(hills > 90) & (wild > 0.4)] = 3
    use[(height + 60 * wild > 150) | ((hills > 90) & (wild < -0.9))] = 2
    use[(inland_km < 8) & (height < 12) & (wet > 0.7)] = 5
    use[(population > 1500) | ((density > 0.8) & (built > 0.3))] = 4
    use[inland_km < -grid.cell_km[1] * 1.5] = 6  # the first cell off the shore still counts as land: sites lie there
    return use
