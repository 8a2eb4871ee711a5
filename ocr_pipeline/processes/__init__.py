"""A call in a process of its own, within limits on time and memory; a hard end is an answer."""
