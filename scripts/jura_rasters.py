#!/usr/bin/env python3
"""Make the Jura example (tables, rock and land-use rasters) from the CSV files of scripts/export_jura.sh.

python scripts/jura_rasters.py CSV_DIR OUT_DIR
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.example_jura import make_jura


def main(csv_folder, folder):
    """Make the files and name the folder."""
    try:
        print(f"Jura example in {make_jura(folder, csv_folder).folder}")
    except InputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
