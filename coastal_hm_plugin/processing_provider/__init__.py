"""What every algorithm shares: provider, base class, layers and tables, parameters, styles, dependencies."""
