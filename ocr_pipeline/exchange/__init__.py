"""Doors to other software: Label Studio."""
