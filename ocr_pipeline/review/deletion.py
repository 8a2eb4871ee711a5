"""A finished job deleted: database, pictures and logs go, a certificate without names stays.

Nobody else may have the workspace open. Then, in this order, so that it can be stopped at any
moment and called again: the certificate is written as begun; the folder is renamed, which makes the
job unusable in one step; tables on a server go; the renamed folder is emptied; what is left is
looked for; the certificate is written as finished; the empty folder goes last, so that as long as
it is there the deletion is not over. Scans and packages elsewhere are not touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.orm import Session

import ocr_pipeline
from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.store import approvals, audit
from ocr_pipeline.store.audit_check import verify
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.files import file_digest, flush_folder, write_text
from ocr_pipeline.store.holders import FOLDER as HOLDERS
from ocr_pipeline.store.holders import kept_alone, kept_alone_on_server
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import EntryRow, FieldRow, PageRow, RecordRow, TableBase
from ocr_pipeline.store.review_models import AuditRow, LeaseRow, PageDecisionRow
from ocr_pipeline.store.workspace import Workspace, database_of, folder_of, going_folder

FORMAT = "sohoa-deletion-certificate/1"
LABEL_STUDIO = "label-studio.json"
"""The file that tells that pictures of the job were sent to a Label Studio server."""

_VERSION = "alembic_version"
_LEFT = {
    "vi": "Ảnh quét gốc ở thư mục khác, các gói đã xuất và bản sao lưu không nằm trong không gian "
    "làm việc: phải xóa riêng nếu không còn được phép giữ.",
    "en": "Scans in other folders, exported packages and backups lie outside the workspace: delete "
    "them separately where they must not be kept.",
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
        MachineError: a run goes on, somebody has the workspace open (nothing has been deleted), or
            not all of it could be deleted (calling again goes on).

    """
    folder = ws.folder
    target = certificate or certificate_path(folder)
    _require_outside(target, folder)
    _require_free(target, folder)
    with ExitStack() as locks:
        with _errors_explained(folder):
            locks.enter_context(kept_alone(folder, ws.engine))
            locks.enter_context(run_lock(ws))  # a run that was called as a function holds only this
        against = obstacles(ws, now)
        if against and not force:
            raise _not_yet(against, folder)
        told = _certificate(ws, against, now or datetime.now(UTC))
        ws.close()  # the last connection to go writes all of SQLite's log into its file
        told["files"] = _files(folder)
        write_text(target, _text(told))
        reached(CommitPoint.DELETION_BEGUN)
        if os.name == "nt":
            locks.close()  # a folder with open files cannot be renamed there
        with _errors_explained(folder):
            folder.rename(going_folder(folder))
            flush_folder(folder.parent)
        reached(CommitPoint.JOB_RENAMED)
        _finish(ws.engine, folder, target, now)
    return target


def resume(
    location: str | Path, certificate: Path | None = None, now: datetime | None = None
) -> Path | None:
    """Finish a deletion that was interrupted; None when there is none to finish.

    Args:
        location: of the workspace (see `Workspace.open`).
        certificate: where it was to be written; beside the workspace's folder when None.
        now: the time (UTC).

    Raises:
        MachineError: somebody has the database open, something cannot be deleted, or something was
            written anew.

    """
    folder = folder_of(location)
    if not going_folder(folder).is_dir():
        return None
    target = certificate or certificate_path(folder)
    with database_of(location) as engine, kept_alone_on_server(engine):
        _finish(engine, folder, target, now)
    return target


def _finish(engine: Engine, folder: Path, certificate: Path, now: datetime | None) -> None:
    """Empty what was renamed, look that nothing is left, and say so."""
    going = going_folder(folder)
    with _errors_explained(folder):
        if engine.url.get_backend_name() == "sqlite":
            for path in _database_elsewhere(engine, folder):
                path.unlink(missing_ok=True)
        else:
            _drop_tables(engine)
        reached(CommitPoint.TABLES_DROPPED)
        _empty(going)
        flush_folder(going)
    reached(CommitPoint.JOB_EMPTIED)
    _require_nothing_left(engine, folder)
    told = json.loads(certificate.read_text(encoding="utf-8")) if certificate.is_file() else {}
    if not told.get("finished"):
        told |= {"format": FORMAT, "finished": _iso(now or datetime.now(UTC))}
        write_text(certificate, _text(told))
    reached(CommitPoint.DELETION_FINISHED)
    with _errors_explained(folder), suppress(FileNotFoundError):
        going.rmdir()
        flush_folder(folder.parent)


def _empty(folder: Path) -> None:
    """Delete all that lies in a folder, also while another deletion does the same."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _require_nothing_left(engine: Engine, folder: Path) -> None:
    """Make sure that nothing of the job is there, before the certificate says so.

    Raises:
        MachineError: something was written anew meanwhile.

    """
    left = [folder / path for path in _names(folder) if path.parts[0] != HOLDERS]
    if not left and folder.is_dir():  # whoever came to the gate meanwhile was sent away
        shutil.rmtree(folder, ignore_errors=True)
    left += [*going_folder(folder).iterdir()]
    left += [path for path in _database_elsewhere(engine, folder) if path.exists()]
    tables = [] if engine.url.get_backend_name() == "sqlite" else _own_tables(engine)
    if left or tables:
        raise MachineError(
            Text(
                f"Chưa xóa xong: trong lúc xóa có chương trình khác ghi lại {len(left)} tệp, "
                f"{len(tables)} bảng",
                f"The deletion is not over: another program has written {len(left)} files and "
                f"{len(tables)} tables meanwhile",
            ),
            where=str(left[0]) if left else str(engine.url.database),
            remedy=Text(
                "Dừng mọi chương trình dùng thư mục này, dời đi những gì cần giữ, xóa thư mục, rồi "
                "chạy lại lệnh này",
                "Stop all programs that use this folder, move away what has to stay, remove the "
                "folder, then run this again",
            ),
        )


def _database_elsewhere(engine: Engine, folder: Path) -> list[Path]:
    """The files of an SQLite database that does not lie in the folder of its workspace."""
    if engine.url.get_backend_name() != "sqlite" or not engine.url.database:
        return []
    database = Path(engine.url.database).absolute()
    if database.is_relative_to(folder):
        return []
    return [database.with_name(database.name + part) for part in ("", "-wal", "-shm", "-journal")]


def _names(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]


@contextmanager
def _errors_explained(folder: Path) -> Iterator[None]:
    """Tell what the system says while a job is deleted.

    Raises:
        MachineError: instead of any `OSError` of the block.

    """
    try:
        yield
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


def _not_yet(against: Sequence[Text], folder: Path) -> NotAllowedYetError:
    return NotAllowedYetError(
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


def _require_outside(target: Path, folder: Path) -> None:
    if target.absolute().is_relative_to(folder.absolute()):
        raise BadInputError(
            Text(
                "Giấy chứng nhận không được nằm trong thư mục sẽ xóa",
                "The certificate must not lie in the folder to be deleted",
            ),
            where=str(target),
        )


def _require_free(target: Path, folder: Path) -> None:
    """Make sure that no other certificate lies there; one that was only begun here may."""
    told: Json = {}
    with suppress(OSError, ValueError):
        told = json.loads(target.read_text(encoding="utf-8"))
    begun = isinstance(told, dict) and told.get("format") == FORMAT and not told.get("finished")
    if target.exists() and not (begun and told.get("job") == folder.name):
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
                "holds": verify(session) is None,
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
        groups.setdefault(group, []).append((name, path.stat().st_size, file_digest(path)))
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


def _drop_tables(engine: Engine) -> None:
    """Delete all tables of a job whose database is on a server."""
    with engine.begin() as connection:
        TableBase.metadata.drop_all(connection)
        connection.execute(text(f"DROP TABLE IF EXISTS {_VERSION}"))


def _own_tables(engine: Engine) -> set[str]:
    """The tables of a job that are on the server."""
    return set(inspect(engine).get_table_names()) & {*TableBase.metadata.tables, _VERSION}


def _text(told: Json) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
