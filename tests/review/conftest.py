from tests.builders.review_station import double, station

__all__ = ["double", "station"]
