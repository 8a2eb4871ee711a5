"""A Label Studio server: found safe to send pictures to, and spoken to through its SDK."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ocr_pipeline.errors import MachineError, SohoaError, Text, UsageError
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.json_types import Json

_AT_ONCE = 100  # tasks in one request; a task is some 60 kB
_SECONDS = 120.0
_OLDEST = (1, 23)  # before it, a stored script could take over the accounts of annotators


class LabelStudioError(SohoaError):
    """The server refused, or cannot be reached."""


class Server:
    """A server that accepts our key.

    Args:
        url: where it is, e.g. `http://127.0.0.1:8080`.
        key: access token of a Label Studio account.
        allow_remote: send pictures of citizens' records to another machine.

    Raises:
        UsageError: the address makes no sense, or is another machine and that was not allowed.
        MachineError: the extra `label-studio` is not installed.
        LabelStudioError: it cannot be reached, refuses the key, or is older than 1.23.

    """

    def __init__(self, url: str, key: str, *, allow_remote: bool = False) -> None:
        self.url = url.rstrip("/")
        _require_safe(self.url, allow_remote)
        self._api = _client(self.url, key)
        with self._errors_explained():
            self._api.users.whoami()
            release = str(self._api.versions.get().release)
        if _version(release) < _OLDEST:
            raise self._too_old(release)

    def projects(self) -> Iterator[tuple[int, str]]:
        """Id and description of every project the account sees."""
        with self._errors_explained():
            for project in self._api.projects.list():
                yield int(project.id), project.description or ""

    def create_project(self, title: str, description: str, config: str) -> int:
        """Make a project whose annotators see our predictions; returns its id."""
        with self._errors_explained():
            project = self._api.projects.create(
                title=title,
                description=description,
                label_config=config,
                show_collab_predictions=True,
                model_version="sohoa",
                maximum_annotations=1,
            )
        return int(project.id)

    def delete_project(self, project: int) -> None:
        """Delete a project with its tasks, their pictures and their annotations."""
        with self._errors_explained():
            self._api.projects.delete(id=project)

    def tasks(self, project: int) -> Iterator[Json]:
        """The tasks of a project with their annotations, as the server gives them."""
        page = 1
        while True:
            found = self._get(
                "api/tasks",
                {"project": project, "fields": "all", "page": page, "page_size": _AT_ONCE},
            )
            with self._errors_explained():
                tasks, total = list(found["tasks"]), int(found["total"])
            yield from tasks
            if page * _AT_ONCE >= total:
                return
            page += 1

    def add_tasks(self, project: int, tasks: Sequence[Json]) -> None:
        """Add tasks with their predictions."""
        for start in range(0, len(tasks), _AT_ONCE):
            with self._errors_explained():
                self._api.projects.import_tasks(
                    id=project, request=list(tasks[start : start + _AT_ONCE])
                )

    def delete_tasks(self, tasks: Iterable[int]) -> None:
        """Delete tasks with all that belongs to them."""
        for task in tasks:
            with self._errors_explained():
                self._api.tasks.delete(id=str(task))

    def people(self) -> dict[int, str]:
        """E-mail addresses of the accounts by id, lower case."""
        with self._errors_explained():
            return {int(user.id): (user.email or "").lower() for user in self._api.users.list()}

    def _get(self, path: str, params: Json) -> Any:
        """A plain request: the SDK's models leave out some of what annotations hold."""
        with self._errors_explained():
            client = self._api._client_wrapper
            response = client.httpx_client.request(path, method="GET", params=params)
            if response.status_code == 404:  # a page beyond the last one
                return {"tasks": [], "total": 0}
            response.raise_for_status()
            return response.json()

    @contextmanager
    def _errors_explained(self) -> Iterator[None]:
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        with foreign_file(self._senseless):
            try:
                yield
            except ApiError as error:
                raise self._refused(error.status_code) from error
            except httpx.HTTPStatusError as error:
                raise self._refused(error.response.status_code) from error
            except httpx.HTTPError as error:
                raise LabelStudioError(
                    Text(
                        f"Không kết nối được Label Studio ({type(error).__name__})",
                        f"Label Studio cannot be reached ({type(error).__name__})",
                    ),
                    where=self.url,
                    remedy=Text(
                        "Kiểm tra địa chỉ, máy chủ có đang chạy không (docs/vi/label-studio.md)",
                        "Check the address, and that the server runs (docs/en/label-studio.md)",
                    ),
                ) from error

    def _senseless(self) -> LabelStudioError:
        return LabelStudioError(
            Text(
                "Không hiểu được câu trả lời của máy chủ này",
                "What this server answers cannot be made out",
            ),
            where=self.url,
            remedy=Text(
                "Kiểm tra địa chỉ và phiên bản của Label Studio (docs/vi/label-studio.md)",
                "Check the address and the version of Label Studio (docs/en/label-studio.md)",
            ),
        )

    def _too_old(self, release: str) -> LabelStudioError:
        return LabelStudioError(
            Text(
                f"Label Studio {release} có lỗ hổng: mã độc trong dữ liệu chiếm được tài khoản",
                f"Label Studio {release} has a hole: a script in its data can take over accounts",
            ),
            where=self.url,
            remedy=Text(
                "Nâng cấp lên Label Studio 1.23 hoặc mới hơn (docs/vi/label-studio.md)",
                "Update to Label Studio 1.23 or newer (docs/en/label-studio.md)",
            ),
        )

    def _refused(self, status: int | None) -> LabelStudioError:
        if status in (401, 403):
            return LabelStudioError(
                Text("Label Studio từ chối khóa truy cập", "Label Studio refuses the token"),
                where=self.url,
                remedy=Text(
                    "Lấy khóa truy cập ở “Account & Settings → Personal Access Token”",
                    "Take a token from “Account & Settings → Personal Access Token”",
                ),
            )
        return LabelStudioError(
            Text(f"Label Studio báo lỗi {status}", f"Label Studio answers with the error {status}"),
            where=self.url,
            remedy=Text("Xem tệp nhật ký của máy chủ đó", "Look at that server's log"),
        )


def _version(release: str) -> tuple[int, ...]:
    """`1.23.2.post1` as (1, 23); what is no version counts as the oldest."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def _client(url: str, key: str) -> Any:
    try:
        from label_studio_sdk import LabelStudio
    except ImportError as error:
        raise MachineError(
            Text("Chưa cài phần Label Studio", "The Label Studio part is not installed"),
            remedy=Text(
                "Cài đặt: pip install 'sohoa[label-studio]'",
                "Run: pip install 'sohoa[label-studio]'",
            ),
        ) from error
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return LabelStudio(base_url=url, api_key=key, timeout=_SECONDS)


def _require_safe(url: str, allow_remote: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            Text("Địa chỉ Label Studio không hợp lệ", "This is not the address of a server"),
            where=url,
            remedy=Text("Ví dụ: http://127.0.0.1:8080", "For example: http://127.0.0.1:8080"),
        )
    if not allow_remote and not _is_loopback(parts.hostname):
        raise UsageError(
            Text(
                "Máy chủ Label Studio này là một máy khác: ảnh hộ tịch sẽ rời khỏi máy đang dùng",
                "This Label Studio server is another machine: pictures of records would leave this",
            ),
            where=url,
            remedy=Text(
                "Dùng máy chủ tại chỗ (127.0.0.1), hoặc thêm --allow-remote nếu được phép",
                "Use a server on this machine (127.0.0.1), or add --allow-remote if you may",
            ),
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
