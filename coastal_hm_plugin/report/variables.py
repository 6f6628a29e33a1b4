"""What a statistic ran on: its variables, what is missing, what was no plain number."""

from .document import Listing, Section


def data_section(*read):
    """:class:`Variables` of one set or more as a Section."""
    import pandas as pd

    table = pd.concat([one.summary() for one in read], ignore_index=True)
    table.insert(1, "unit", [unit for one in read for unit in (one.units.get(name, "") for name in one.names)])
    names = {"variable": "Variable", "unit": "Unit", "nondetects": "Non-detects"}
    shown = table.rename(columns=lambda name: names.get(name, name if name == "n" else name.capitalize()))
    losses = [loss for one in read for loss in one.losses]
    listings = [Listing("The variables as read, in the units of their fields; non-detects substituted.", shown)]
    if losses:
        rows = [(loss.column, loss.count, loss.reason) for loss in losses]
        lost = pd.DataFrame(rows, columns=["Field", "Values", "What they were and how they were taken"])
        listings.append(Listing("Values that were no plain number.", lost))
    said = () if losses else ("Every value was a plain number.",)
    warnings = tuple(warning for one in read for warning in one.warnings)
    return Section("Data", said, tuple(listings), warnings=warnings)
