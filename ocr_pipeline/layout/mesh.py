"""A smooth map from millimetres of a layout to pixels of a page: affine plus a spline of shifts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats

KNOT_MM = 30.0
"""Distance of the spline's knots: page curl near a gutter bends over some 40 mm."""

_ROUNDS = 5
_RIDGE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Maps mm to pixels: `affine` applied to (point + shift(point)).

    Attributes:
        affine: (2, 3) mm → pixel.
        shifts: (ny, nx, 2) coefficients in mm of a uniform cubic B-spline, knots `KNOT_MM` apart,
            the first knot span starting at (0, 0).

    """

    affine: Floats
    shifts: Floats

    @classmethod
    def straight(cls, scale: float, offset: tuple[float, float], size: tuple[float, float]) -> Mesh:
        """Without bends: pixel = scale * mm + offset; `size`: width and height in mm."""
        nx, ny = (int(np.ceil(length / KNOT_MM)) + 3 for length in size)
        affine = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], float)
        return cls(affine, np.zeros((ny, nx, 2)))

    def shift(self, points: Floats) -> Floats:
        """Shift in mm at `points` (N, 2) mm."""
        ny, nx, _ = self.shifts.shape
        column, bx = _spans(points[:, 0], nx)
        row, by = _spans(points[:, 1], ny)
        four = np.arange(4)
        near = self.shifts[row[:, None, None] + four[:, None], column[:, None, None] + four]
        result: Floats = ((near * bx[:, None, :, None]).sum(axis=2) * by[:, :, None]).sum(axis=1)
        return result

    def to_page(self, points: npt.ArrayLike) -> Floats:
        """Pixels (N, 2) of points (N, 2) in mm."""
        mm = np.asarray(points, float).reshape(-1, 2)
        moved = mm + self.shift(mm)
        result: Floats = moved @ self.affine[:, :2].T + self.affine[:, 2]
        return result

    def grid(
        self, xs: Floats, ys: Floats, factor: float = 1.0
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Pixel maps (x, y) for `cv2.remap`, each (len(ys), len(xs)) float32.

        Args:
            xs: mm of the columns.
            ys: mm of the rows.
            factor: the page was reduced to this share of its size.

        """
        bx = _basis(xs, self.shifts.shape[1]).T.astype(np.float32)
        by = _basis(ys, self.shifts.shape[0]).astype(np.float32)
        maps = []
        for row in self.affine:
            bend = ((self.shifts @ row[:2]) * factor).astype(np.float32)
            level = ((row[0] * xs + row[2] + 0.5) * factor - 0.5).astype(np.float32)
            down = (row[1] * ys * factor).astype(np.float32)
            pixels = (by @ bend) @ bx
            pixels += level
            pixels += down[:, None]
            maps.append(pixels)
        return maps[0], maps[1]

    def fitted(
        self, points: Floats, shifts: Floats, weights: Floats, stiffness: float, tolerance: float
    ) -> tuple[Mesh, Floats]:
        """The mesh whose shifts follow the measured ones, ignoring measurements that disagree.

        Args:
            points: (N, 2) mm.
            shifts: (N, 2) measured shifts in mm.
            weights: (N, 2) 0 where x or y was not measured.
            stiffness: resistance to bending; large leaves only an affine map.
            tolerance: mm; what lies several times further off loses its say.

        Returns:
            The mesh, and the remaining differences (N, 2) in mm.

        """
        ny, nx, _ = self.shifts.shape
        system = _System(points, ny, nx)
        penalty = stiffness * _bending(ny, nx) + _RIDGE * np.eye(ny * nx)
        coefficients, rest = np.zeros((ny * nx, 2)), shifts.copy()
        for axis in (0, 1):
            scale = 4 * tolerance
            residual = shifts[:, axis] - np.median(shifts[weights[:, axis] > 0, axis])
            for _ in range(_ROUNDS):
                trust = weights[:, axis] / (1 + (residual / scale) ** 2) ** 2
                coefficients[:, axis] = system.solve(trust, shifts[:, axis], penalty)
                residual = shifts[:, axis] - system.values(coefficients[:, axis])
                scale = max(tolerance, scale / 1.8)
            rest[:, axis] = residual
        return replace(self, shifts=coefficients.reshape(ny, nx, 2)), rest

    def stretch(self) -> tuple[float, float]:
        """Least and greatest local stretch along x and y, relative to the affine part."""
        along_x = 1 + np.diff(self.shifts[:, :, 0], axis=1) / KNOT_MM
        along_y = 1 + np.diff(self.shifts[:, :, 1], axis=0) / KNOT_MM
        return (
            float(min(along_x.min(), along_y.min())),
            float(max(along_x.max(), along_y.max())),
        )


class _System:
    """Least squares for the spline; uses that only 16 coefficients bear on each point."""

    def __init__(self, points: Floats, ny: int, nx: int) -> None:
        self.count = ny * nx
        column, bx = _spans(points[:, 0], nx)
        row, by = _spans(points[:, 1], ny)
        four = np.arange(4)
        index = (row[:, None, None] + four[None, :, None]) * nx + column[:, None, None] + four
        self.index = index.reshape(len(points), 16)
        self.basis = (by[:, :, None] * bx[:, None, :]).reshape(len(points), 16)
        one, other = np.triu_indices(16)  # the other half is the same
        self._pairs = (self.index[:, one] * self.count + self.index[:, other]).ravel()
        self._products = self.basis[:, one] * self.basis[:, other]

    def solve(self, trust: Floats, wanted: Floats, penalty: Floats) -> Floats:
        """Coefficients of the weighted, penalised fit."""
        weights = (self._products * trust[:, None]).ravel()
        half = np.bincount(self._pairs, weights, self.count**2).reshape(self.count, -1)
        normal = half + np.triu(half, 1).T
        right = (self.basis * (trust * wanted)[:, None]).ravel()
        summed = np.bincount(self.index.ravel(), right, self.count)
        return np.asarray(np.linalg.solve(normal + penalty, summed), np.float64)

    def values(self, coefficients: Floats) -> Floats:
        """The spline at the points."""
        result: Floats = (self.basis * coefficients[self.index]).sum(axis=1)
        return result


def _spans(values: Floats, count: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """First of the four B-splines that bear on each value, and those four's values (N, 4)."""
    position = np.asarray(values, float) / KNOT_MM
    span = np.clip(np.floor(position), 0, count - 4).astype(np.intp)
    u = position - span
    parts = np.stack(
        [(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3], axis=1
    )
    return span, np.asarray(parts / 6, np.float64)


def _basis(values: Floats, count: int) -> Floats:
    """(N, count) values of the uniform cubic B-splines at `values` mm."""
    span, parts = _spans(values, count)
    basis = np.zeros((len(parts), count))
    basis[np.arange(len(parts))[:, None], span[:, None] + np.arange(4)] = parts
    return basis


def _bending(ny: int, nx: int) -> Floats:
    """Penalty of second differences along x and y; twisting (perspective) is cheaper."""
    ix, iy = np.eye(nx), np.eye(ny)
    ddx, ddy = np.diff(ix, 2, axis=0), np.diff(iy, 2, axis=0)
    dx, dy = np.diff(ix, axis=0), np.diff(iy, axis=0)
    result: Floats = (
        np.kron(iy, ddx.T @ ddx) + np.kron(ddy.T @ ddy, ix) + 0.2 * np.kron(dy.T @ dy, dx.T @ dx)
    )
    return result
