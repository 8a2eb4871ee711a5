"""Everything that can be wrong with a scan, as errors that name file, cause and remedy."""

from __future__ import annotations

from typing import TypeVar

from ocr_pipeline.errors import ScanError, Text


class SkippedFileError(ScanError):
    """A file among the scans that is not a scan: it is left out, the book goes on."""


_RESCAN = Text("Quét hoặc sao chép lại trang này", "Scan or copy this page again")
_EXPORT = Text(
    "Lưu lại thành JPEG, PNG, TIFF hoặc PDF rồi chạy lại",
    "Save it as JPEG, PNG, TIFF or PDF and run again",
)

_EXPORT_AGAIN = Text("Xuất lại PDF từ máy quét", "Export the PDF from the scanner again")
_EXPORT_PAGE = Text(
    "Xuất lại PDF từ máy quét, hoặc quét lại trang này",
    "Export the PDF from the scanner again, or scan this page again",
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
    "beyond_limits": (
        Text(
            "Không mở được tệp trong giới hạn cho phép: {reason}",
            "The file cannot be opened within the limits: {reason}",
        ),
        Text(
            "Xuất lại tệp từ máy quét, hoặc quét lại các trang này",
            "Export the file from the scanner again, or scan these pages again",
        ),
    ),
    "unreadable_folder": (
        Text(
            "Không xem được thư mục này: {reason}; các trang trong đó chưa được đọc",
            "The folder cannot be looked into: {reason}; the pages in it have not been read",
        ),
        Text(
            "Cấp quyền đọc thư mục cho người chạy lệnh, hoặc gắn lại ổ mạng; rồi chạy lại",
            "Give the user of this command the right to read it, or mount the share; run again",
        ),
    ),
    "broken_link": (
        Text(
            "Liên kết hỏng: không có tệp đích {target}",
            "A broken link: its target {target} is not there",
        ),
        Text(
            "Gắn ổ đĩa của tệp đích, hoặc sao chép chính tệp đó vào đây; rồi chạy lại",
            "Mount the disk of the target, or copy the file itself here; run again",
        ),
    ),
    "linked_folder": (
        Text(
            "Liên kết tới thư mục {target}: không đi theo",
            "A link to the folder {target}: it is not followed",
        ),
        Text(
            "Nếu trong đó có trang của sổ, hãy sao chép thư mục vào đây; nếu không, xóa liên kết",
            "If pages of the book lie there, copy the folder here; if not, delete the link",
        ),
    ),
    "no_file": (
        Text(
            "Không phải tệp thường (ống dẫn, ổ cắm hoặc thiết bị): không đọc",
            "No ordinary file (a pipe, socket or device): not read",
        ),
        Text("Chuyển đi nơi khác", "Move it elsewhere"),
    ),
    "unfinished": (
        Text(
            "Tệp sao chép hoặc tải về dở dang: không đọc",
            "A file whose copying or download was not finished: not read",
        ),
        Text(
            "Sao chép lại trang này; nếu tệp đã đủ, bỏ phần đuôi tạm ở tên; rồi chạy lại",
            "Copy the page again; if the file is whole, take the last ending off its name; "
            "run again",
        ),
    ),
    "earlier_copy": (
        Text(
            "Bản lưu trước đó của {original}: không đọc", "An earlier copy of {original}: not read"
        ),
        Text(
            "Nếu là một trang khác, hãy đổi tên; nếu không thì chuyển đi nơi khác",
            "If it is another page, rename it; if not, move it elsewhere",
        ),
    ),
    "hidden_scan": (
        Text(
            "Tệp ẩn hoặc tệp hệ thống nhưng bên trong là ảnh quét: không đọc",
            "Named like a hidden or system file, but it holds a scan: not read",
        ),
        Text(
            "Nếu là trang của sổ, hãy đổi tên (ví dụ bỏ dấu chấm ở đầu) rồi chạy lại; "
            "nếu không thì xóa",
            "If it is a page of the book, rename it (take the dot off its front) and run again; "
            "if not, delete it",
        ),
    ),
    "scans_of_system": (
        Text(
            "Thư mục ẩn hoặc thư mục hệ thống có ảnh, ví dụ {example}: không đọc",
            "A hidden or system folder that holds pictures, {example} for one: not read",
        ),
        Text(
            "Nếu có trang của sổ trong đó, hãy chuyển ra ngoài rồi chạy lại",
            "If pages of the book lie there, move them out of it and run again",
        ),
    ),
    "beside_books": (
        Text(
            "{number} tệp có thể là ảnh quét nằm ngoài mọi sổ, ví dụ {example}: không đọc",
            "{number} files that may be scans lie in no book, {example} for one: not read",
        ),
        Text(
            "Chuyển vào thư mục của sổ, hoặc khai thư mục này trong danh mục sổ; rồi chạy lại",
            "Move them into the folder of their book, or list this folder in the inventory; "
            "run again",
        ),
    ),
    "same_name": (
        Text(
            "Tên chỉ khác chữ hoa, chữ thường hoặc cách gõ dấu: {others}",
            "Names that differ in capitals or the coding of accents only: {others}",
        ),
        Text(
            "Đổi tên cho khác hẳn: khi sao chép sang Windows chỉ còn lại một tệp",
            "Give them other names: a copy to Windows would keep one of them only",
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
    "all_pages_gone": (
        Text(
            "Không còn trang nào trong số {number} ảnh quét đã biết của sổ; kết quả và phần đã "
            "nhập vẫn được giữ",
            "None of the {number} known scans of the book is there any more; what was read and "
            "entered is kept",
        ),
        Text(
            "Gắn lại ổ đĩa hoặc ổ mạng chứa ảnh quét rồi chạy lại",
            "Mount the disk or the network share of the scans, and run again",
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
    "far_too_many_pixels": (
        Text(
            "Ảnh quá lớn: {size} triệu điểm ảnh, giới hạn {limit} triệu",
            "The picture is too large: {size} million pixels, the limit is {limit} million",
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
    "lost_pdf": (
        Text(
            "PDF bị hỏng: không còn tìm thấy trang nào trong tệp",
            "The PDF is damaged: no page can be found in it any more",
        ),
        _EXPORT_AGAIN,
    ),
    "pages_lost": (
        Text(
            "PDF bị hỏng hoặc bị cụt: đọc được {pages} trang, có lẽ thiếu {missing} trang "
            "trong {expected} trang",
            "The PDF is damaged or cut off: pages that can be read: {pages}; "
            "{missing} of {expected} pages seem to be missing",
        ),
        _EXPORT_AGAIN,
    ),
    "open_ended_pdf": (
        Text(
            "PDF bị cụt, mất phần cuối: đọc được {pages} trang, "
            "có lẽ thiếu ít nhất {missing} trang",
            "The PDF is cut off, its end is lost: pages that can be read: {pages}; "
            "pages that seem to be missing: at least {missing}",
        ),
        Text(
            "So số trang với sổ giấy, rồi xuất lại PDF từ máy quét",
            "Compare the number of pages with the paper book, and export the PDF "
            "from the scanner again",
        ),
    ),
    "broken_tiff": (
        Text(
            "Danh sách trang trong tệp TIFF bị đứt sau {pages} trang",
            "The list of pages in the TIFF breaks off after {pages} pages",
        ),
        Text(
            "So số trang với sổ giấy; nếu thiếu, quét hoặc sao chép lại tệp",
            "Compare the number of pages with the paper book; if some are missing, "
            "scan or copy the file again",
        ),
    ),
    "rebuilt_pdf": (
        Text(
            "PDF bị hỏng, khôi phục được {pages} trang",
            "The PDF was damaged; {pages} pages could be recovered",
        ),
        Text(
            "So số trang với sổ giấy; nếu thiếu, xuất lại PDF",
            "Compare the number of pages with the paper book; if some are missing, export it again",
        ),
    ),
    "undecodable": (
        Text(
            "Không giải mã được ảnh của trang: dữ liệu ảnh bị hỏng hoặc bị thiếu",
            "The page's picture cannot be decoded: its data is damaged or missing",
        ),
        _EXPORT_PAGE,
    ),
    "undrawn": (
        Text(
            "Trang PDF bị hỏng: không vẽ ra được",
            "The PDF page is damaged: it cannot be drawn",
        ),
        _EXPORT_PAGE,
    ),
    "hidden_picture": (
        Text(
            "Trang PDF hiện ra trống vì ảnh nằm trong lớp bị ẩn",
            "The PDF page shows nothing: its picture lies in a hidden layer",
        ),
        Text(
            "Cho hiện lớp đó rồi xuất lại PDF; nếu là trang trống thật thì bỏ trang này khỏi PDF",
            "Show the layer and export the PDF again; if the page is really blank, take it out",
        ),
    ),
    "unseen_stamp": (
        Text(
            "Trang PDF có con dấu hoặc ghi chú mà máy không vẽ ra được",
            "The PDF page bears a stamp or note that cannot be drawn",
        ),
        Text(
            "Mở PDF, in lại thành PDF (ghi chú thành phần của trang) rồi chạy lại",
            "Open the PDF, print it to a new PDF so that the note becomes part of the page, "
            "and run again",
        ),
    ),
    "no_page_size": (
        Text(
            "Trang PDF không có khổ giấy hợp lệ",
            "The PDF page has no valid sheet size (MediaBox)",
        ),
        _EXPORT_PAGE,
    ),
    "dynamic_form": (
        Text(
            "PDF là biểu mẫu động (XFA): chỉ phần mềm riêng mới hiện được trang",
            "The PDF is a dynamic form (XFA): its pages show in Adobe Reader only",
        ),
        Text(
            "Mở bằng phần mềm đó, in thành PDF rồi chạy lại",
            "Open it in Adobe Reader, print it to a PDF and run again",
        ),
    ),
    "attached_scans": (
        Text(
            "Trong PDF có đính kèm ảnh hoặc PDF khác chưa được đọc ({count} tệp), ví dụ {first}",
            "Pictures or PDFs attached to the PDF are not read ({count} files), {first} for one",
        ),
        Text(
            "Nếu là trang của sổ, hãy lưu các tệp đó ra thư mục của sổ rồi chạy lại",
            "If they are pages of the book, save them into its folder and run again",
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
    """The error `code` of the catalogue for the file or page `where`, placeholders filled in.

    A `Text` among the values gives each language its own words.
    """
    return _made(ScanError, code, where, values)


def skipped(code: str, where: object, **values: object) -> SkippedFileError:
    """The soft report `code` about a file that is left out."""
    return _made(SkippedFileError, code, where, values)


_Made = TypeVar("_Made", bound=ScanError)


def _made(kind: type[_Made], code: str, where: object, values: dict[str, object]) -> _Made:
    cause, remedy = _FAULTS[code]
    return kind(cause.format(**values), where=str(where), remedy=remedy)
