from tests.builders.run_office import office

__all__ = ["office"]
