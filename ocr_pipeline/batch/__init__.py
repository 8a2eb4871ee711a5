"""The overnight run: planning, workers here and on other hosts, one transaction after the other."""
