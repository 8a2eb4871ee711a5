"""Cases of which a few are enough for the quick tests."""

from collections.abc import Iterable
from typing import Any

import pytest


def long_after(count: int, cases: Iterable[Any], *, several: bool = False) -> list[Any]:
    """Cases for `parametrize`; all but the first `count` belong to the long tests.

    Args:
        count: so many are quick.
        cases: values of the parameter.
        several: each case is a tuple of values of several parameters.

    """
    return [
        case
        if number < count
        else pytest.param(*(case if several else (case,)), marks=pytest.mark.long)
        for number, case in enumerate(cases)
    ]
