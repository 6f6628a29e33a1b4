"""Rotations of a base run (Fpeak), and constraints on it."""
