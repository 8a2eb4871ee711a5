"""What the operating system says about a file, in our words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ocr_pipeline.errors import BadInputError, DiskFullError, MachineError, Text
from ocr_pipeline.written_paths import shown

_REASONS = {
    errno.EACCES: Text("không có quyền truy cập", "no permission"),
    errno.EPERM: Text("không có quyền", "no permission"),
    errno.ENOENT: Text("không còn ở đó", "it is not there any more"),
    errno.EEXIST: Text("ở đó đã có thứ khác cùng tên", "something else of that name is there"),
    errno.ENOTDIR: Text("đường dẫn đi qua một tệp", "the path leads through a file"),
    errno.EISDIR: Text("đó là thư mục", "it is a folder"),
    errno.ELOOP: Text("liên kết vòng tròn", "links that lead in a circle"),
    errno.ENAMETOOLONG: Text("đường dẫn quá dài", "the path is too long"),
    errno.EINVAL: Text("hệ thống không nhận đường dẫn này", "the system refuses the path"),
    errno.EIO: Text("ổ đĩa báo lỗi đọc", "the disk reports a read error"),
    errno.ESTALE: Text(
        "ổ mạng đã ngắt (địa chỉ tệp cũ)", "the network share was cut off (stale file handle)"
    ),
    errno.ENOTCONN: Text("ổ mạng đã ngắt", "the network share is cut off"),
    errno.EHOSTDOWN: Text("máy chủ của ổ mạng không chạy", "the server of the share is down"),
    errno.ETIMEDOUT: Text("ổ mạng không trả lời", "the network share does not answer"),
    errno.ENODEV: Text("thiết bị không còn", "the device is gone"),
    errno.ENXIO: Text("thiết bị không còn", "the device is gone"),
    errno.EMFILE: Text("mở quá nhiều tệp cùng lúc", "too many files are open"),
    errno.ENFILE: Text("mở quá nhiều tệp cùng lúc", "too many files are open"),
    errno.ENOSPC: Text("ổ đĩa đã đầy", "the disk is full"),
    errno.EDQUOT: Text("tài khoản đã dùng hết phần đĩa", "the account has used up its disk quota"),
    errno.EROFS: Text("ổ đĩa chỉ cho đọc", "the disk can only be read"),
    errno.ESPIPE: Text(
        "không phải tệp thường (ống dẫn, ổ cắm hoặc thiết bị)",
        "no ordinary file (a pipe, socket or device)",
    ),
    errno.EFBIG: Text("tệp quá lớn", "the file is too large"),
}


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def is_full(error: BaseException) -> bool:
    """Whether the disk, or this account's share of it, has no room left."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def os_reason(error: OSError) -> Text:
    """Why the system refused, to stand in a message."""
    known = _REASONS.get(error.errno or 0)
    number = f"mã lỗi {error.errno}", f"error {error.errno}"
    return known or Text(*number)


def write_fault(
    error: OSError, cause: Text, where: str = "", remedy: Text | None = None
) -> MachineError:
    """What to tell when the system refused to write.

    Args:
        error: what it said.
        cause: what could not be written; the reason is put behind it.
        where: the file or folder.
        remedy: what to do.

    """
    reason = os_reason(error)
    kind = DiskFullError if is_full(error) else MachineError
    told = Text(f"{cause.vi}: {reason.vi}", f"{cause.en}: {reason.en}")
    return kind(told, where=where, remedy=remedy)


def refused_path(error: BaseException) -> BadInputError | None:
    """What to tell when the system refused a file or folder, whichever step met it.

    Returns:
        None for errors of any other kind.

    """
    if not isinstance(error, OSError) or not isinstance(error.filename, str | bytes):
        return None
    reason = os_reason(error)
    return BadInputError(
        Text(f"Không mở được: {reason.vi}", f"It cannot be opened: {reason.en}"),
        where=shown(os.fsdecode(error.filename)),
        remedy=Text(
            "Kiểm tra đường dẫn, quyền, ổ đĩa và ổ mạng rồi chạy lại",
            "Check the path, the rights, the disk and the network share; run again",
        ),
    )


def is_there(path: Path) -> bool:
    """Whether something is at the path; one that the system refuses to follow leads nowhere."""
    try:
        path.stat()
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return False
    return True
