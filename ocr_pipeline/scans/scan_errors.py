"""Everything that can be wrong with a scan, as errors that name file, cause and remedy."""

from __future__ import annotations

from ocr_pipeline.errors import ScanError, Text


class SkippedFileError(ScanError):
    """A file among the scans that is not a scan: it is left out, the book goes on."""


_RESCAN = Text("Quét hoặc sao chép lại trang này", "Scan or copy this page again")
_EXPORT = Text(
    "Lưu lại thành JPEG, PNG, TIFF hoặc PDF rồi chạy lại",
    "Save it as JPEG, PNG, TIFF or PDF and run again",
)

_FAULTS: dict[str, tuple[Text, Text]] = {
    "missing": (
        Text("Không tìm thấy tệp", "The file does not exist"),
        Text("Kiểm tra đường dẫn trong danh mục sổ", "Check the path in the inventory"),
    ),
    "unreadable": (
        Text("Không mở được tệp: {reason}", "The file cannot be opened: {reason}"),
        Text(
            "Kiểm tra quyền đọc, ổ đĩa hoặc đường mạng",
            "Check the permission to read it, the disk or the network share",
        ),
    ),
    "empty": (
        Text("Tệp rỗng (0 byte)", "The file is empty (0 bytes)"),
        _RESCAN,
    ),
    "no_pages_in_folder": (
        Text("Thư mục không có trang quét nào", "The folder holds no scanned page"),
        Text(
            "Đặt ảnh hoặc PDF của sổ vào thư mục này",
            "Put the book's pictures or PDF into this folder",
        ),
    ),
    "unknown": (
        Text("Tệp không phải ảnh hay PDF: bỏ qua", "Not a picture or PDF: left out"),
        Text(
            "Nếu là trang của sổ, hãy lưu thành JPEG, PNG, TIFF hoặc PDF; "
            "nếu không thì chuyển đi nơi khác",
            "If it is a page, save it as JPEG, PNG, TIFF or PDF; if not, move it elsewhere",
        ),
    ),
    "archive": (
        Text("Tệp nén: bỏ qua", "A packed archive: left out"),
        Text("Giải nén vào thư mục của sổ", "Unpack it into the book's folder"),
    ),
    "heic": (
        Text("Chưa đọc được ảnh HEIC của điện thoại", "HEIC pictures of phones are not supported"),
        Text(
            "Chuyển sang JPEG; trên iPhone chọn Cài đặt › Camera › Định dạng › Tương thích nhất",
            "Convert it to JPEG; on an iPhone choose Settings › Camera › Formats › Most Compatible",
        ),
    ),
    "truncated": (
        Text(
            "Ảnh bị cụt hoặc hỏng: một phần dữ liệu bị mất hay bị ghi đè",
            "The picture is cut off or damaged: part of its data is missing or overwritten",
        ),
        _RESCAN,
    ),
    "damaged": (
        Text("Ảnh bị hỏng: {reason}", "The picture is damaged: {reason}"),
        _RESCAN,
    ),
    "too_many_bytes": (
        Text(
            "Tệp quá lớn: {size:.0f} MB, giới hạn {limit:.0f} MB",
            "The file is too large: {size:.0f} MB, the limit is {limit:.0f} MB",
        ),
        Text("Quét lại ở 300 dpi hoặc chia nhỏ tệp", "Scan again at 300 dpi, or split the file"),
    ),
    "too_many_pixels": (
        Text(
            "Ảnh quá lớn: {width}×{height} điểm ảnh, giới hạn {limit} triệu",
            "The picture is too large: {width}×{height} pixels, the limit is {limit} million",
        ),
        Text("Quét lại ở 300 dpi", "Scan again at 300 dpi"),
    ),
    "too_small": (
        Text(
            "Ảnh quá nhỏ để là trang sổ: {width}×{height} điểm ảnh",
            "The picture is too small to be a page: {width}×{height} pixels",
        ),
        Text("Lấy ảnh gốc, không lấy ảnh thu nhỏ", "Use the original, not a thumbnail"),
    ),
    "too_many_pages": (
        Text(
            "Tệp có {pages} trang, giới hạn {limit}",
            "The file has {pages} pages, the limit is {limit}",
        ),
        Text("Chia tệp theo từng sổ", "Split the file, one file a book"),
    ),
    "encrypted": (
        Text("PDF có mật khẩu", "The PDF is protected by a password"),
        Text("Bỏ mật khẩu rồi lưu lại", "Remove the password and save it again"),
    ),
    "damaged_pdf": (
        Text("PDF bị hỏng: {reason}", "The PDF is damaged: {reason}"),
        Text("Xuất lại PDF từ máy quét", "Export the PDF from the scanner again"),
    ),
    "rebuilt_pdf": (
        Text(
            "PDF bị hỏng, chỉ khôi phục được {pages} trang",
            "The PDF was damaged; {pages} pages could be recovered",
        ),
        Text(
            "So số trang với sổ giấy; nếu thiếu, xuất lại PDF",
            "Compare the number of pages with the paper book; if some are missing, export it again",
        ),
    ),
    "no_pages_in_pdf": (
        Text("PDF không có trang nào", "The PDF has no pages"),
        Text("Xuất lại PDF từ máy quét", "Export the PDF from the scanner again"),
    ),
    "no_such_page": (
        Text("Tệp không có trang {page}", "The file has no page {page}"),
        Text("Chạy lại lệnh để đếm lại số trang", "Run the command again to count the pages anew"),
    ),
    "unsupported": (
        Text(
            "Chưa đọc được kiểu ảnh này: {reason}",
            "This kind of picture is not supported: {reason}",
        ),
        _EXPORT,
    ),
}


def fault(code: str, where: object, **values: object) -> ScanError:
    """The error `code` of the catalogue for the file or page `where`, placeholders filled in."""
    cause, remedy = _FAULTS[code]
    return ScanError(cause.format(**values), where=str(where), remedy=remedy)


def skipped(code: str, where: object) -> SkippedFileError:
    """The soft report `code` about a file that is left out."""
    cause, remedy = _FAULTS[code]
    return SkippedFileError(cause, where=str(where), remedy=remedy)
