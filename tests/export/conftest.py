from .births import job, scans

__all__ = ["job", "scans"]
