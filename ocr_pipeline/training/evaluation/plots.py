"""Plots of the evaluation as SVG text: reliability diagram and risk–coverage curves."""

from __future__ import annotations

import io
from collections.abc import Mapping

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ocr_pipeline.training.evaluation.metrics import BINS, RISKS, Metrics

_ENOUGH = 20  # below that many fields a curve is noise


def reliability(metrics: Metrics) -> str:
    """Share of right fields against confidence; a calibrated machine lies on the diagonal."""
    figure = Figure(figsize=(5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
    middles = [(number + 0.5) / BINS for number in range(BINS)]
    filled = [
        (middle, bin_.right)
        for middle, bin_ in zip(middles, metrics.reliability, strict=True)
        if bin_.count
    ]
    axes.bar([m for m, _ in filled], [r for _, r in filled], width=0.09, color="#7aa6c2")
    points = [(b.confidence, b.right, b.count) for b in metrics.reliability if b.count]
    axes.plot([c for c, _, _ in points], [r for _, r, _ in points], "o", color="#123c5a", ms=4)
    for confidence, right, count in points:
        axes.annotate(
            str(count), (confidence, right), fontsize=7, xytext=(4, 3), textcoords="offset points"
        )
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1.05),
        xlabel="độ tin cậy / confidence",
        ylabel="tỷ lệ đúng / share right",
    )
    return _svg(figure)


def risk_coverage(groups: Mapping[str, Metrics]) -> str:
    """Share of wrong fields among those taken, against the share taken, surest first."""
    figure = Figure(figsize=(7.5 if len(groups) > 1 else 5, 4.2), layout="constrained")
    axes = figure.subplots()
    highest = 0.02
    for name, metrics in groups.items():
        if metrics.fields < _ENOUGH or not metrics.curve:
            continue
        axes.plot([c for c, _ in metrics.curve], [r for _, r in metrics.curve], label=name, lw=1.4)
        highest = max(highest, max(risk for _, risk in metrics.curve))
    for risk in RISKS:
        axes.axhline(risk, color="0.6", linestyle=":", linewidth=1)
    axes.set(
        xlim=(0, 1),
        ylim=(0, min(1.0, 1.05 * highest)),
        xlabel="tỷ lệ nhận / coverage",
        ylabel="tỷ lệ sai / risk",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    if len(groups) > 1 and axes.lines[: -len(RISKS)]:
        figure.legend(loc="outside right upper", fontsize=7)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    stream = io.StringIO()
    with matplotlib.rc_context(
        {"svg.hashsalt": "sohoa", "svg.fonttype": "none", "font.family": "sans-serif"}
    ):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]
