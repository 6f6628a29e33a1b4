"""The few windows there are."""
