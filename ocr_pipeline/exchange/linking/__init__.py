"""Keyed rows and scanned pages are brought together, one to one."""
