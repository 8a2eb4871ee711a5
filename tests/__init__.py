"""Tests: a folder for each room of the package, and what they build with in `builders`."""
