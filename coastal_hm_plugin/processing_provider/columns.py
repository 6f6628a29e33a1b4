"""Original fields and computed ones in one table."""


def beside(original, computed, monitor):
    """The original columns, then the computed ones. Where names are the same (in any case), the computed one stays.

    Both have the same rows in the same order. Replaced columns are named to the user.
    """
    import pandas as pd

    taken = {str(name).lower() for name in computed.columns}
    replaced = [name for name in original.columns if str(name).lower() in taken]
    if replaced:
        monitor.warn(f"Replaced by computed fields of the same name: {', '.join(map(str, replaced))}.")
    kept = original.drop(columns=replaced)
    return pd.concat([kept.reset_index(drop=True), computed.reset_index(drop=True)], axis=1)
