"""Training: synthetic lines and pages, data sets, networks, calibration, evaluation."""
