"""Scans: images and PDFs become pages, with limits, hashes and clear errors."""
