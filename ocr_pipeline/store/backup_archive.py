"""The file of a back-up: a zip of a database's copy and a workspace's files, with a manifest.

Who opens one trusts nothing in it: every member is named in the manifest with size and hash, lies
under `database/` or `files/`, and becomes an ordinary file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, parse_data
from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.os_errors import is_there
from ocr_pipeline.store.workspace_files import is_left_out
from ocr_pipeline.written_paths import unwritten

FAMILY = "sohoa-backup/"
FORMAT = f"{FAMILY}1"
MANIFEST = "manifest.json"
DATABASE_FOLDER, FILES_FOLDER = "database/", "files/"

_BLOCK_BYTES = 1 << 20
_MANIFEST_BYTES = 128 << 20  # about 700,000 files
_DIRECTORY_BYTES = 128 << 20  # as many; the library holds all of it in memory
_SPARE_BYTES = 64 << 20  # what unpacking leaves free on a disk
_STORED = {".jpg", ".jpeg", ".png", ".zip"}  # packed already

_OTHER_COPY = Text(
    "Dùng một bản sao lưu khác; tệp này bị hỏng hoặc đã bị sửa",
    "Use another back-up; this file is damaged or was altered",
)


Step = Callable[[str], None]
"""Told the name of each file that is done, for those who wait."""


def no_step(_name: str) -> None:
    """Tell nobody."""


class BackupEntry(Strict):
    """A file in a back-up.

    Attributes:
        name: path in the archive, as `written_paths` writes it.
        bytes: its size.
        sha256: of its content.

    """

    name: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class BackupDatabaseEntry(Strict):
    """The database in a back-up.

    Attributes:
        kind: which database it was copied from, and goes back into.
        name: of its file in the archive.
        revision: its migration (`store.schema`).
        namespace: the schema of PostgreSQL that its tables lie in; "" for SQLite.

    """

    kind: Literal["sqlite", "postgresql"]
    name: str
    revision: str
    namespace: str = ""


class BackupTrailEntry(Strict):
    """The audit trail in a back-up: number of lines, hash of the last, whether it was whole."""

    lines: int = Field(ge=0)
    head: str
    holds: bool


class BackupFile(Strict):
    """`manifest.json` of a back-up.

    Attributes:
        format: `FORMAT`.
        software: name and version of the program that made it.
        made: when the copying of the database began (ISO 8601, UTC): what was kept before that
            is in it.
        workspace: name of the workspace's folder.
        database: the database.
        trail: its audit trail.
        counts: rows of the tables that people ask about, e.g. `entries`.
        left_out: paths of the folder that are no ordinary files (links, devices).
        files: all files of the archive but the manifest.

    """

    format: str
    software: str
    made: str
    workspace: str
    database: BackupDatabaseEntry
    trail: BackupTrailEntry
    counts: dict[str, int]
    left_out: list[str]
    files: list[BackupEntry]

    @property
    def bytes(self) -> int:
        """Size of all files when unpacked."""
        return sum(entry.bytes for entry in self.files)


def write_archive(
    target: Path,
    members: Mapping[str, Path],
    manifest: Callable[[list[BackupEntry]], BackupFile],
    step: Step = no_step,
) -> BackupFile:
    """Write an archive of these files; one that vanishes meanwhile is left out.

    Args:
        target: a new file that only its owner may read.
        members: name in the archive to file.
        manifest: makes the manifest of what was written.
        step: told of each file.

    Raises:
        OSError: a file cannot be read (it has a name), or the target not written (it has none).

    """
    entries = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, path in members.items():
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue
            with source:
                entries.append(_add(archive, name, source))
            step(name)
        made = manifest(entries)
        archive.writestr(MANIFEST, json.dumps(made.model_dump(), ensure_ascii=False))
    return made


def _add(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> BackupEntry:
    info = zipfile.ZipInfo(name)
    packed = PurePosixPath(name).suffix.lower() in _STORED
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as member:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            member.write(block)
    return BackupEntry(name=name, bytes=size, sha256=digest.hexdigest())


class BackupArchive:
    """A back-up that has been opened: its manifest fits its members, whose content is unread.

    Attributes:
        path: of the file.
        manifest: what it says of itself.

    """

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        self.manifest = _manifest(path, archive)
        self._members = _members(path, archive, self.manifest)

    def check(self, step: Step = no_step) -> None:
        """Read every file and compare it with the manifest; `step` is told of each.

        Raises:
            BadInputError: one of them is not what the manifest says.

        """
        for entry in self.manifest.files:
            for _ in self._blocks(entry):
                pass
            step(entry.name)

    def unpack(
        self, folder: Path, only: Collection[str] | None = None, step: Step = no_step
    ) -> Path:
        """Write the files to an empty folder, the database as `sohoa.db` or `sohoa.dump` in it.

        Args:
            folder: an empty folder.
            only: names of files to write besides the database; None: all.
            step: told of each file.

        Returns:
            The database's file.

        Raises:
            BadInputError: a file is not what the manifest says.
            MachineError: the disk has too little room; nothing is written.
            OSError: the folder cannot be written to.

        """
        database = self.manifest.database.name
        wanted = self.manifest.files
        if only is not None:
            wanted = [entry for entry in wanted if entry.name in {database, *only}]
        require_room(folder, sum(entry.bytes for entry in wanted))
        for entry in wanted:
            target = folder / _place(entry.name)
            try:
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with target.open("xb") as file:
                    target.chmod(0o600)
                    for block in self._blocks(entry):
                        file.write(block)
            except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
                raise _refused(self.path, entry.name, _TWICE) from error
            step(entry.name)
        return folder / _place(database)

    def _blocks(self, entry: BackupEntry) -> Iterator[bytes]:
        """The content of a member; ends in an error when it is not what the manifest says."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._archive.open(self._members[entry.name]) as member:
                while block := member.read(_BLOCK_BYTES):
                    size += len(block)
                    if size > entry.bytes:
                        break
                    digest.update(block)
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise _refused(self.path, entry.name, _DAMAGED) from error
        if size != entry.bytes or digest.hexdigest() != entry.sha256:
            raise _refused(self.path, entry.name, _DAMAGED)


@contextmanager
def open_archive(path: Path) -> Iterator[BackupArchive]:
    """Open a back-up.

    Raises:
        BadInputError: the file is no back-up, is damaged, or names what a back-up never holds.
        MachineError: it was made by a newer version.
        OSError: the file cannot be read.

    """
    if is_there(path) and not path.is_file():  # a pipe would keep us waiting
        raise _no_backup(path)
    with path.open("rb") as file:
        if _directory_bytes(file) > _DIRECTORY_BYTES:
            raise _no_backup(path)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise _no_backup(path) from error
        with archive:
            yield BackupArchive(path, archive)


def _no_backup(path: Path) -> BadInputError:
    return BadInputError(
        Text("Tệp không phải bản sao lưu, hoặc bị cụt", "This is no back-up, or a part of one"),
        where=str(path),
        remedy=_OTHER_COPY,
    )


def _directory_bytes(file: IO[bytes]) -> int:
    """Size that an archive gives its own directory; 0 where the end is none of ours.

    The end is 22 bytes long and has no comment; where the size does not fit, a longer record
    stands 56 bytes before a locator of 20 (APPNOTE.TXT 4.3.14 to 4.3.16).
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(max(length - 98, 0))
    tail = file.read(98)
    end, longer = tail[-22:], tail[:56]
    if len(end) < 22 or not end.startswith(b"PK\5\6"):
        return 0
    size = int.from_bytes(end[12:16], "little")
    if tail[56:60] == b"PK\6\7" and longer.startswith(b"PK\6\6"):
        size = max(size if size != 0xFFFFFFFF else 0, int.from_bytes(longer[40:48], "little"))
    return size


def require_room(folder: Path, size: int) -> None:
    """Refuse what does not fit.

    Raises:
        MachineError: the disk of `folder` has less than `size` bytes and some to spare.

    """
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE_BYTES:
        needed, has = _megabytes(size + _SPARE_BYTES), _megabytes(free)
        raise MachineError(
            Text(
                f"Ổ đĩa không đủ chỗ: cần {needed} MB, còn {has} MB",
                f"The disk has too little room: {needed} MB are needed, {has} MB are free",
            ),
            where=str(folder),
            remedy=Text("Dọn bớt ổ đĩa đó, hoặc chọn ổ đĩa khác", "Make room, or use another disk"),
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"


_DAMAGED = Text("nội dung không đúng như bản kê", "its content is not what the manifest says")
_TWICE = Text("có hai lần", "it is there twice")
_UNSAFE = Text(
    "tên không được phép có trong bản sao lưu", "no back-up has a file of such a name or kind"
)
_UNLISTED = Text("không có trong bản kê", "it is not in the manifest")
_LACKING = Text("có trong bản kê nhưng không có trong tệp", "the manifest names it, it is missing")


def _refused(path: Path, member: str, why: Text) -> BadInputError:
    return BadInputError(
        Text(f"Bản sao lưu bị hỏng: {why.vi}", f"The back-up is damaged: {why.en}"),
        where=f"{path} ({member})",
        remedy=_OTHER_COPY,
    )


def _manifest(path: Path, archive: zipfile.ZipFile) -> BackupFile:
    infos = [info for info in archive.infolist() if info.filename == MANIFEST]
    if len(infos) != 1 or infos[0].file_size > _MANIFEST_BYTES or not _is_plain(infos[0]):
        raise _refused(path, MANIFEST, _LACKING if not infos else _UNSAFE)
    try:
        with archive.open(infos[0]) as member:
            data = member.read(_MANIFEST_BYTES)
        told = json.loads(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RecursionError) as error:
        raise _refused(path, MANIFEST, _DAMAGED) from error
    name = told.get("format") if isinstance(told, dict) else None
    if not isinstance(name, str) or not name.startswith(FAMILY):
        raise _refused(path, MANIFEST, _DAMAGED)
    if name != FORMAT:
        raise newer(path)
    return parse_data(data, BackupFile, f"{path}/{MANIFEST}", BadInputError, _OTHER_COPY)


def newer(path: Path) -> MachineError:
    """What is told of a back-up that this version cannot know."""
    return MachineError(
        Text(
            "Bản sao lưu do phiên bản sohoa mới hơn tạo ra",
            "This back-up was made by a newer version of sohoa",
        ),
        where=str(path),
        remedy=Text("Nâng cấp sohoa rồi chạy lại", "Upgrade sohoa, then run this again"),
    )


def _members(
    path: Path, archive: zipfile.ZipFile, manifest: BackupFile
) -> dict[str, zipfile.ZipInfo]:
    """The members by name: exactly those of the manifest, all of them harmless."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in members:
            raise _refused(path, info.filename, _TWICE)
        members[info.filename] = info
    listed = [entry.name for entry in manifest.files]
    for name in {*members} - {MANIFEST, *listed}:
        raise _refused(path, name, _UNLISTED)
    for entry in manifest.files:
        if entry.name not in members:
            raise _refused(path, entry.name, _LACKING)
        if not _is_harmless(entry.name, manifest.database) or not _is_plain(members[entry.name]):
            raise _refused(path, entry.name, _UNSAFE)
        if members[entry.name].file_size != entry.bytes:
            raise _refused(path, entry.name, _DAMAGED)
    if len(set(listed)) != len(listed) or manifest.database.name not in listed:
        raise _refused(path, manifest.database.name, _LACKING)
    return members


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """Whether a member is an ordinary file that needs no password."""
    mode = info.external_attr >> 16
    return (
        (not stat.S_IFMT(mode) or stat.S_ISREG(mode))
        and not info.flag_bits & 1
        and info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )


def _is_harmless(name: str, database: BackupDatabaseEntry) -> bool:
    """Whether a file of this name stays in the folder it is unpacked to, and is expected there."""
    if name == database.name:
        return name in {f"{DATABASE_FOLDER}{file}" for file in ("sohoa.db", "sohoa.dump")}
    place = unwritten(name)
    if not place.startswith(FILES_FOLDER) or "\0" in place:
        return False
    if os.name == "nt" and {"\\", ":"} & set(place):
        return False
    parts = place.removeprefix(FILES_FOLDER).split("/")
    return not any(part in ("", ".", "..") for part in parts) and not is_left_out(parts)


def _place(name: str) -> Path:
    """Where a member belongs in the workspace's folder."""
    place = unwritten(name)
    return Path(place.removeprefix(FILES_FOLDER).removeprefix(DATABASE_FOLDER))
