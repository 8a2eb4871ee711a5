"""The civil-status database and the population database reconciled: process 1050."""
