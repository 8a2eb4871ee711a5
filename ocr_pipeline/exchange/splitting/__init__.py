"""A province's keyed file divided: one folder for each registering agency, by level."""
