"""Proposes the layout of a form that nobody has taught yet, from scans of it."""
