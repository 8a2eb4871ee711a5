"""sohoa: scanned Vietnamese civil-status registers in, official Excel and PDF packages out."""

__version__ = "0.1.0"
