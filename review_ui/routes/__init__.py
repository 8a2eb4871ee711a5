"""All routes: JSON under /api, pictures, and HTML pages."""

from fastapi import APIRouter

from review_ui.routes import (
    account,
    audit,
    book,
    books,
    check,
    dashboard,
    decisions,
    figures,
    handbook,
    help,
    imports,
    keyed,
    layouts,
    login,
    lookback,
    order,
    packages,
    pages,
    people,
    pictures,
    policies,
    queue,
    records,
    review,
    runs,
    session,
    uploads,
    weekly_report,
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
        check,
        keyed,
        pages,
        policies,
        figures,
        pictures,
        login,
        session,
        account,
        book,
        dashboard,
        weekly_report,
        review,
        people,
        audit,
        handbook,
        help,
        imports,
        uploads,
        layouts,
        runs,
        order,
    )
)
