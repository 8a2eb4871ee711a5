"""What this machine can do: pages, lines and the run itself, measured."""
