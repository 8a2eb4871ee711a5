"""The commands of `sohoa`, one module a group; each has `register(app)`."""
