"""The fuzzer: damaged files of every kind at every door, from a seed (see CONTRIBUTING.md)."""
