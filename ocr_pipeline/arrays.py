"""Names of the arrays that stages hand to each other: one name, one element type, one shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""(height, width), 0 black … 255 white."""

Rgb = NDArray[np.uint8]
"""(height, width, 3), red first."""

Bgr = NDArray[np.uint8]
"""(height, width, 3), blue first, as OpenCV writes pictures."""

Pixels = NDArray[np.uint8]
"""(height, width) gray or (height, width, 3) RGB, as a scan has it."""

Mask = NDArray[np.bool_]
"""(height, width), true where something is."""

Ink = NDArray[np.float32]
"""(height, width), 0 paper … 1 full ink."""

AnyInk = NDArray[Any]
"""As `Ink`, of any element type that OpenCV has left."""

AnyGray = NDArray[Any]
"""As `Gray`, of any element type that OpenCV has left."""

Floats = NDArray[np.float64]
"""Numbers of any shape that are calculated with; the docstring of the function gives the shape."""

Singles = NDArray[np.float32]
"""Numbers of any shape in single precision, as networks and automata hold them."""

Matrix = NDArray[np.float64]
"""(3, 3): a homography, or (2, 3): an affine map, of points (x, y) in pixels."""

Points = NDArray[np.floating[Any]]
"""(n, 2): points (x, y)."""

Rng = np.random.Generator
"""Where chance comes from: given in, never global, so that a seed makes the same again."""
