"""`sohoa layout`: author and test layouts."""

from __future__ import annotations

import typer

layout_app = typer.Typer(
    short_help="Soạn và thử mẫu biểu / author and test layouts",
    no_args_is_help=True,
    help="Soạn và thử mẫu biểu.\n\nAuthor and test layouts.",
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(layout_app, name="layout")
