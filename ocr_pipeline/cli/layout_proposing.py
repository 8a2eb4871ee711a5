"""The work behind `sohoa layout new`: a layout copied from another, or proposed from scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ocr_pipeline.cli.layout_files import copy_layout, open_flat, page_size
from ocr_pipeline.cli.output import console, print_json, say, warn
from ocr_pipeline.errors import BadInputError, ExitCode, Text, UsageError
from ocr_pipeline.layout.authoring import write_layout
from ocr_pipeline.layout.loading import LAYOUT_FILE
from ocr_pipeline.proposing.checklist import Missing, checklist
from ocr_pipeline.proposing.common_sheet import MOST_PAGES
from ocr_pipeline.proposing.form_proposal import FormName, propose_layout
from ocr_pipeline.proposing.layout_proposal import SURE, LayoutProposal
from ocr_pipeline.registers.types import RegisterType


@dataclass(frozen=True, slots=True)
class NewLayout:
    """What was asked for; empty texts and None are left out.

    Attributes:
        paths: a folder for the layout, and scans, in any order.
        id: of the new layout.
        like: id of the layout to copy.
        scan: a scan, the older way to name it.
        type: register type code.
        era: era of the form.
        title: what people call it.
        size: of the page, as `210x297`.
        layouts: folder of the layout to copy.

    """

    paths: tuple[Path, ...]
    id: str
    like: str
    scan: Path | None
    type: str
    era: str
    title: str
    size: str
    layouts: Path | None

    @property
    def name(self) -> FormName:
        """Name of the layout; what was left out is taken from the id."""
        kind, _, era = self.id.partition("-")
        return FormName(self.id, self.type or kind, self.era or era, self.title or self.id)


def start_layout(asked: NewLayout, *, as_json: bool) -> ExitCode:
    """Write a new layout and say what it still lacks.

    Raises:
        UsageError: neither a similar layout nor a scan, or a register type or size that is none.
        BadInputError: no form is seen on the scan, or there is a layout already.

    """
    folder, scans = _sorted_paths(asked)
    if asked.like:
        scan = scans[0] if scans else None
        path = copy_layout(folder, asked.name, like=asked.like, scan=scan, layouts=asked.layouts)
        if as_json:
            print_json({"folder": str(folder)})
        else:
            say(Text(f"Đã tạo {path}; sửa rồi chạy:", f"{path} is there; edit it, then run:"))
            _tell_next(folder)
        return ExitCode.DONE
    if not scans:
        raise UsageError(
            Text("Cần --like hoặc một ảnh quét", "--like or a scan is needed"),
            remedy=Text("Xem: sohoa layout new --help", "See: sohoa layout new --help"),
        )
    _refuse_unknown(asked.name.type)
    proposal = _proposal(asked, scans)
    write_layout(folder, proposal.layout, proposal.reference)
    lacks = checklist(proposal.layout, asked.name.type)
    if as_json:
        content = {"folder": str(folder), **proposal.as_json()}
        print_json(content | {"missing": [asdict(lack) for lack in lacks]})
    else:
        _tell(folder, proposal, lacks)
    return ExitCode.DONE


def _proposal(asked: NewLayout, scans: Sequence[Path]) -> LayoutProposal:
    size = page_size(asked.size) if asked.size else None
    try:
        return propose_layout([open_flat(scan) for scan in scans[:MOST_PAGES]], asked.name, size)
    except BadInputError as error:
        if not error.where:
            error.where = str(scans[0])
        raise


def _sorted_paths(asked: NewLayout) -> tuple[Path, list[Path]]:
    """The folder and the scans among the paths."""
    scans = [path for path in asked.paths if path.is_file()]
    others = [path for path in asked.paths if not path.is_file()]
    if asked.scan is not None:
        scans.append(asked.scan)
    lost = [path for path in others if path.suffix.lower() in _SCAN_ENDINGS]
    if lost:
        raise BadInputError(Text("không có tệp này", "there is no such file"), where=str(lost[0]))
    if len(others) > 1:
        raise UsageError(
            Text("chỉ một thư mục cho biểu mẫu mới", "one folder for the new layout"),
            where=str(others[1]),
        )
    return (others[0] if others else Path(asked.id)), scans


_SCAN_ENDINGS = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf", ".bmp", ".webp", ".heic"}


def _refuse_unknown(type: str) -> None:
    if type not in set(RegisterType):
        known = ", ".join(RegisterType)
        raise UsageError(
            Text(f"không có loại sổ “{type}”", f"no register type “{type}”"),
            remedy=Text(f"--type là một trong: {known}", f"--type is one of: {known}"),
        )


def _tell(folder: Path, proposal: LayoutProposal, lacks: Sequence[Missing]) -> None:
    layout, out = proposal.layout, console()
    captions, fields, lines = (
        len(part) for part in (layout.captions, layout.fields, layout.leaders)
    )
    say(
        Text(
            f"Đề xuất {folder / LAYOUT_FILE}: {fields} trường, {captions} chữ in, {lines} dòng kẻ",
            f"Proposed {folder / LAYOUT_FILE}: {fields} fields, {captions} captions, {lines} lines",
        )
    )
    if proposal.about_pages:
        say(proposal.about_pages)
    unsure = [n for n in proposal.notes if n.key.startswith("fields.") and n.score < SURE]
    for note in unsure:
        out.print(
            f"? {note.key}: {note.reason.vi} / {note.reason.en}", style="yellow", markup=False
        )
    for blank in proposal.blanks:
        x, y = blank.lines[0][:2]
        place = f"x {x:g}, y {y:g} mm"
        out.print(f"? {place}: {blank.reason.vi} / {blank.reason.en}", style="yellow", markup=False)
    for lack in lacks:
        mark, style = ("✗", "red") if lack.serious else ("!", "yellow")
        out.print(f"{mark} {lack.message.vi} / {lack.message.en}", style=style, markup=False)
    if not (unsure or proposal.blanks or lacks):
        say(Text("Không thấy thiếu gì", "Nothing is missing"), style="green")
    elif any(lack.serious for lack in lacks):
        warn(Text("Còn thiếu việc bắt buộc (✗)", "Something necessary is missing (✗)"))
    say(Text("Hãy rà soát, rồi chạy:", "Look it over, then run:"))
    _tell_next(folder)


def _tell_next(folder: Path) -> None:
    print(f"    sohoa layout check {folder}\n    sohoa layout preview {folder} --scan …")
