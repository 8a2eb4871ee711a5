"""A run is cut off, starved and starved of time: nothing is lost, nothing is done twice."""
