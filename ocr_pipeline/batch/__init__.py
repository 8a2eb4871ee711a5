"""The overnight run: planning, one page from scan to fields, workers, status."""
