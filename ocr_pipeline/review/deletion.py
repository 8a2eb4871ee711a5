"""A finished job deleted: database, pictures and logs go, a certificate without names stays.

In this order, so that it can be stopped at any moment and called again: the certificate is written
as begun; the folder is renamed, which makes the job unusable in one step; it is emptied; the
certificate is written as finished. Scans and packages lie elsewhere and are not touched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

import ocr_pipeline
from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.store import approvals, audit
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.files import flush_folder, write_text
from ocr_pipeline.store.models import EntryRow, FieldRow, PageRow, RecordRow, TableBase
from ocr_pipeline.store.review_models import AuditRow, LeaseRow, PageDecisionRow
from ocr_pipeline.store.workspace import Workspace

FORMAT = "sohoa-deletion-certificate/1"
LABEL_STUDIO = "label-studio.json"
"""The file that tells that pictures of the job were sent to a Label Studio server."""

_GOING = ".deleting"
_BLOCK_BYTES = 1 << 20
_LEFT = {
    "vi": "Ảnh quét gốc, các gói đã xuất và bản sao lưu không nằm trong không gian làm việc: "
    "phải xóa riêng nếu không còn được phép giữ.",
    "en": "Scans, exported packages and backups lie outside the workspace: delete them separately "
    "where they must not be kept.",
}


def certificate_path(folder: Path) -> Path:
    """Where the certificate of a workspace's deletion is written unless told otherwise."""
    return folder.with_name(f"{folder.name}.deletion.json")


def obstacles(ws: Workspace, now: datetime | None = None) -> list[Text]:
    """What speaks against deleting the job; empty when it is finished."""
    with ws.read_session() as session:
        states = approvals.states(session)
        open_books = [
            book.id
            for book in load_books(session)
            if states.get(book.id) is not approvals.BookState.HANDED_OVER
        ]
        query = select(func.count()).select_from(LeaseRow)
        leased = session.scalar(query.where(LeaseRow.until > (now or datetime.now(UTC)))) or 0
    found = [
        Text(f"Sổ {book} chưa bàn giao", f"Book {book} is not handed over") for book in open_books
    ]
    if leased:
        found.append(
            Text(f"{leased} trường đang có người rà soát", f"Somebody is reviewing {leased} fields")
        )
    if (ws.folder / LABEL_STUDIO).is_file():
        found.append(
            Text(
                "Ở Label Studio còn dự án của không gian làm việc này "
                "(chạy `sohoa labelstudio remove`)",
                "Label Studio still has this workspace's project (run `sohoa labelstudio remove`)",
            )
        )
    return found


def delete_job(
    ws: Workspace,
    *,
    force: bool = False,
    certificate: Path | None = None,
    now: datetime | None = None,
) -> Path:
    """Delete a job for good; returns the path of its certificate.

    Args:
        ws: the workspace; closed afterwards, and gone.
        force: although something speaks against it (`obstacles`).
        certificate: where to write the certificate; beside the workspace's folder when None.
        now: the time (UTC).

    Raises:
        NotAllowedYetError: something speaks against it; nothing has been deleted.
        BadInputError: the certificate would lie in what is deleted, or is there already.

    """
    folder = ws.folder
    target = certificate or certificate_path(folder)
    _require_outside(target, folder)
    against = obstacles(ws, now)
    if against and not force:
        raise NotAllowedYetError(
            Text(
                f"Chưa thể xóa: {len(against)} điểm cần xử lý; điểm đầu tiên: {against[0].vi}",
                f"It cannot be deleted yet: {len(against)} points; the first: {against[0].en}",
            ),
            where=str(folder),
            remedy=Text(
                "Bàn giao các sổ trước, hoặc thêm --force nếu chắc chắn",
                "Hand the books over first, or add --force if you are sure",
            ),
        )
    told = _certificate(ws, against, now or datetime.now(UTC))
    ws.close()  # the last connection to go writes all of SQLite's log into its file
    told["files"] = _files(folder)
    write_text(target, _text(told))
    if ws.engine.url.get_backend_name() != "sqlite":
        _drop_tables(ws)
        ws.close()
    going = folder.with_name(folder.name + _GOING)
    try:
        folder.rename(going)
        flush_folder(folder.parent)
        return _finish(going, target, now)
    except OSError as error:
        raise MachineError(
            Text(
                f"Không xóa hết được: {error.strerror}",
                f"Not all of it could be deleted: {error.strerror}",
            ),
            where=error.filename or str(folder),
            remedy=Text(
                "Đóng `sohoa serve` và mọi tệp đang mở, kiểm tra quyền, rồi chạy lại lệnh này",
                "Stop `sohoa serve`, close open files, check permissions, then run this again",
            ),
        ) from error


def resume(
    folder: Path, certificate: Path | None = None, now: datetime | None = None
) -> Path | None:
    """Finish a deletion that was interrupted; None when there is none to finish."""
    going = folder.with_name(folder.name + _GOING)
    if not going.is_dir():
        return None
    return _finish(going, certificate or certificate_path(folder), now)


def _finish(going: Path, certificate: Path, now: datetime | None) -> Path:
    shutil.rmtree(going)
    flush_folder(going.parent)
    told = json.loads(certificate.read_text(encoding="utf-8")) if certificate.is_file() else {}
    told |= {"format": FORMAT, "finished": _iso(now or datetime.now(UTC))}
    write_text(certificate, _text(told))
    return certificate


def _require_outside(target: Path, folder: Path) -> None:
    if target.absolute().is_relative_to(folder.absolute()):
        raise BadInputError(
            Text(
                "Giấy chứng nhận không được nằm trong thư mục sẽ xóa",
                "The certificate must not lie in the folder to be deleted",
            ),
            where=str(target),
        )
    if target.exists():
        raise BadInputError(
            Text("Đã có tệp giấy chứng nhận này", "This certificate is there already"),
            where=str(target),
            remedy=Text(
                "Chọn tên khác với --certificate", "Choose another name with --certificate"
            ),
        )


def _certificate(ws: Workspace, against: Iterable[Text], now: datetime) -> Json:
    """What the certificate says before anything is deleted: counts and hashes, no names."""
    with ws.read_session() as session:
        trail = session.execute(
            select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
        ).first()
        return {
            "format": FORMAT,
            "software": f"sohoa {ocr_pipeline.__version__}",
            "job": ws.folder.name,
            "begun": _iso(now),
            "finished": None,
            "books": list(_books(session)),
            "entries": _entries(session),
            "audit": {
                "lines": trail.id if trail else 0,
                "head": trail.hash if trail else audit.FIRST,
                "holds": audit.verify(session) is None,
            },
            "in_spite_of": [{"vi": one.vi, "en": one.en} for one in against],
            "not_deleted": _LEFT,
        }


def _books(session: Session) -> Iterator[Json]:
    states = approvals.states(session)
    tables = {
        "pages": PageRow,
        "records": RecordRow,
        "fields": FieldRow,
        "entries": EntryRow,
        "page_decisions": PageDecisionRow,
    }
    counts = {
        name: {
            book: number
            for book, number in session.execute(
                select(table.book, func.count()).group_by(table.book)  # type: ignore[attr-defined]
            )
        }
        for name, table in tables.items()
    }
    for book in load_books(session):
        state = states.get(book.id, approvals.BookState.OPEN)
        numbers = {name: counts[name].get(book.id, 0) for name in tables}
        yield {"id": book.id, "type": book.type.value, "state": state.value, **numbers}


def _entries(session: Session) -> Json:
    """Number and hash of all that people entered: who kept a copy can prove what it was."""
    digest, number = hashlib.sha256(), 0
    query = select(EntryRow).order_by(EntryRow.id).execution_options(yield_per=1000)
    for entry in session.scalars(query):
        digest.update(bytes.fromhex(audit.entry_hash(entry)))
        number += 1
    return {"number": number, "sha256": digest.hexdigest()}


def _files(folder: Path) -> Json:
    """Number, size and one hash of all files of the job, by top folder."""
    groups: dict[str, list[tuple[str, int, str]]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        group = name.split("/")[0] if "/" in name else name
        groups.setdefault(group, []).append((name, path.stat().st_size, _hash(path)))
    return {
        group: {
            "files": len(files),
            "bytes": sum(size for _, size, _ in files),
            "sha256": files[0][2]
            if len(files) == 1
            else hashlib.sha256(json.dumps(files, ensure_ascii=False).encode()).hexdigest(),
        }
        for group, files in groups.items()
    }


def _hash(path: Path) -> str:
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            state.update(block)
    return state.hexdigest()


def _drop_tables(ws: Workspace) -> None:
    """Delete all tables of a job whose database is on a server."""
    with ws.engine.begin() as connection:
        TableBase.metadata.drop_all(connection)
        if inspect(connection).has_table("alembic_version"):
            connection.execute(text("DROP TABLE alembic_version"))


def _text(told: Json) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
