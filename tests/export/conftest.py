from tests.builders.births import job, scans

__all__ = ["job", "scans"]
