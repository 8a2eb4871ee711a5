"""Every measurement of speed: pages, lines, a run itself, stores, a reviewer in the browser."""
