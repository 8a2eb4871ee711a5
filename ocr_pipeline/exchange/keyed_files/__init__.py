"""Keyed files: rows of civil-status data that others have typed, read whatever state they are in.

One door for every job that works on such rows: splitting, linking, reconciling, reporting.
"""
