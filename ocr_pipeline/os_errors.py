"""What the operating system says about a file, in our words."""

from __future__ import annotations

import errno

from ocr_pipeline.errors import Text

_REASONS = {
    errno.EACCES: Text("không có quyền đọc", "no permission to read it"),
    errno.EPERM: Text("không có quyền", "no permission"),
    errno.ENOENT: Text("không còn ở đó", "it is not there any more"),
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
    errno.EROFS: Text("ổ đĩa chỉ cho đọc", "the disk can only be read"),
}


def os_reason(error: OSError) -> Text:
    """Why the system refused, to stand in a message."""
    known = _REASONS.get(error.errno or 0)
    number = f"mã lỗi {error.errno}", f"error {error.errno}"
    return known or Text(*number)
