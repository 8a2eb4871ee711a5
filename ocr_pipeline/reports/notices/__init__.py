"""Telling others that a run has ended: by mail and webhook."""
