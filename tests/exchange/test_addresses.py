"""Where pictures of pages may go: to a server on this machine, or where they travel encrypted."""

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.exchange.labelstudio.server import Server


@pytest.mark.parametrize(
    "url", ["http://label.example.org", "http://10.0.0.7:8080", "ftp://127.0.0.1", "127.0.0.1:8080"]
)
def test_pictures_do_not_leave_the_machine_unasked(url):
    with pytest.raises(UsageError):
        Server(url, "key")
