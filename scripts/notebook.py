"""The notebook of the documentation, run from top to bottom:  python scripts/notebook.py

It is edited as cells of text and code below; what is committed is this, executed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebooks" / "from_table_to_peri.ipynb"
TEXT, CODE = "text", "code"
CELLS = [
    (TEXT, """# From a raw table to a PERI, without QGIS

Everything the QGIS tools compute is a plain Python function of `coastal_hm_plugin.core`. This notebook needs
`pip install .` in a checkout of the project, and no QGIS.

The table is the synthetic example coast: **not measurements**. Put your own file in its place."""),
    (CODE, """import tempfile
from pathlib import Path

from coastal_hm_plugin.core.example_coast import make_example_coast

folder = Path(tempfile.mkdtemp())
files = make_example_coast(folder, seed=1)
print(*files.tables["soil"].read_text(encoding="utf-8").splitlines()[:4], sep="\\n")"""),
    (TEXT, """## Read it

Elements are recognised by the names of the columns; `<0.1` is a non-detect and half its limit stands in for it.
Whatever is not a number is counted in `losses`."""),
    (CODE, """from coastal_hm_plugin.core.samples import read_csv_points, read_samples

points = read_csv_points(files.tables["soil"])
soil = read_samples(points.table, points.x, points.y, points.crs, "soil")
soil.summary().round(3)"""),
    (TEXT, """## Geochemical baselines

Four methods side by side, each with its central value, upper limit and bootstrap interval; and the method that suits
the distribution of each element."""),
    (CODE, """from coastal_hm_plugin.core.baselines import geochemical_baselines, recommend

baselines = geochemical_baselines(soil.concentrations, censored=soil.censored)
recommend(baselines)"""),
    (CODE, """baselines.table.query("element == 'Cd'").round(3)"""),
    (TEXT, """## Pollution indices

With the central value of the box-plot method as background. The class limits are a choice and are part of the
result."""),
    (CODE, """from coastal_hm_plugin.core.indices import pollution_indices

background = baselines.central("boxplot").dropna()
indices = pollution_indices(soil.concentrations, background)
print(indices.scheme.label)
indices.summary().round(2)"""),
    (CODE, """shares = indices.class_shares()
shares[shares["index_name"] == "PERI"]"""),
    (TEXT, """## Where

PERI at the sites, in the classes of the legend."""),
    (CODE, """from io import BytesIO

from IPython.display import Image
from matplotlib.figure import Figure

from coastal_hm_plugin.core.indices import classify

peri, scheme = indices.site["PERI"].to_numpy(), indices.scheme
colours = ["#ffffb2", "#fecc5c", "#fd8d3c", "#bd0026"]
figure = Figure(figsize=(5, 6), dpi=110, layout="constrained")
axis = figure.subplots()
classes = classify(peri, scheme.limits)  # missing where a metal is missing
for number, (name, colour) in enumerate(zip(scheme.class_names, colours), start=1):
    here = (classes == number).fillna(False).to_numpy(dtype=bool)
    axis.scatter(soil.x[here], soil.y[here], s=4 + 10 * number, color=colour, edgecolor="#333", linewidth=0.4,
                 label=f"{name} (n = {here.sum()})")
axis.set(xlabel="Longitude", ylabel="Latitude", aspect=1.25, title="PERI of soil (synthetic)")
axis.legend(frameon=False, fontsize=8, loc=(0.43, 0.32))
picture = BytesIO()
figure.savefig(picture, format="png")
Image(picture.getvalue())"""),
    (TEXT, """## Where the metals come from

Positive matrix factorization with 20 random starts; the profiles say which share of each element a factor carries."""),
    (CODE, """from coastal_hm_plugin.core import pmf

sources = pmf.apportion(soil, pmf.PmfOptions(factors=4, seed=1))
sources.factor_table().round(2)"""),
]  # fmt: skip


def build():
    """The notebook, not yet run."""
    import nbformat

    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, (kind, source) in enumerate(CELLS):
        new = nbformat.v4.new_markdown_cell if kind == TEXT else nbformat.v4.new_code_cell
        made.cells.append(new(source, id=f"cell-{number}"))
    return made


def execute(notebook, folder):
    """Run all cells in a new kernel, in ``folder``. Raises CellExecutionError where one fails."""
    from nbclient import NotebookClient

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.clear()  # times of the run
    return notebook


def main():
    """Run the notebook and write it."""
    import nbformat

    NOTEBOOK.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(execute(build(), ROOT), NOTEBOOK)
    print(f"written: {NOTEBOOK.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
