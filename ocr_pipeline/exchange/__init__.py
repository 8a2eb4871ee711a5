"""Doors to what others hold: Label Studio, files that others have keyed."""
