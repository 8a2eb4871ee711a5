"""The store: the only place that knows SQL; plus the one way files are written."""
