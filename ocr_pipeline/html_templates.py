"""HTML pages that stand for themselves: the templates that lie beside the code that fills them."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def html_templates(package: str) -> Environment:
    """The templates of one package.

    A value that a template names and nobody gave is an error; values are escaped.

    Args:
        package: whose folder holds the templates, as it is imported.

    """
    parent, _, folder = package.rpartition(".")
    return Environment(
        loader=PackageLoader(parent, folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
