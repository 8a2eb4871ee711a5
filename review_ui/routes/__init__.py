"""All routes: JSON under /api, pictures, and HTML pages."""

from fastapi import APIRouter

from review_ui.routes import (
    account,
    audit,
    book,
    books,
    dashboard,
    decisions,
    figures,
    handbook,
    help,
    login,
    lookback,
    packages,
    pages,
    people,
    pictures,
    policies,
    queue,
    records,
    review,
    session,
)

#: Every router of the application.
ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        queue,
        decisions,
        records,
        lookback,
        books,
        packages,
        pages,
        policies,
        figures,
        pictures,
        login,
        session,
        account,
        book,
        dashboard,
        review,
        people,
        audit,
        handbook,
        help,
    )
)
