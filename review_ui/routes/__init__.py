"""All routes: JSON under /api, pictures, and HTML pages."""

from fastapi import APIRouter

from review_ui.routes import (
    account,
    audit,
    books,
    decisions,
    desk,
    entrance,
    figures,
    help,
    overview,
    people,
    pictures,
    policies,
    records,
    repair,
    work,
    worktable,
)

#: Every router of the application.
ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        work,
        decisions,
        records,
        books,
        repair,
        policies,
        figures,
        pictures,
        entrance,
        account,
        desk,
        overview,
        worktable,
        people,
        audit,
        help,
    )
)
