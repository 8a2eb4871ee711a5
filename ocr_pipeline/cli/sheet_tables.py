"""Joins the sheets of a book and shows what became of its scans."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.layout_files import known_layouts
from ocr_pipeline.cli.output import print_json, print_table, progress, say
from ocr_pipeline.errors import ExitCode, Text
from ocr_pipeline.processing.sheet_joining import SheetFile, SheetKind, join_sheets
from ocr_pipeline.written_paths import written

_MOST_SHOWN = 20


def join_and_tell(
    book: Path, out: Path, layouts: Path | None, workspace: str, *, as_json: bool = False
) -> ExitCode:
    """Write the sheets of a book and say which scans they came from."""
    forms = known_layouts(workspace, layouts)
    with progress(Text("Xem ảnh", "Scans"), None) as advance:
        files = join_sheets(book, out, forms, advance.step)
    if as_json:
        print_json({"files": [_as_dict(file) for file in files]})
    else:
        _tell(files, out)
    open_ends = {SheetKind.ALONE, SheetKind.FAULT}
    return ExitCode.FAILURES if open_ends & {file.kind for file in files} else ExitCode.DONE


def _as_dict(file: SheetFile) -> dict[str, Any]:
    told = {
        key: None if text is None else {"vi": text.vi, "en": text.en}
        for key, text in (("cause", file.cause), ("remedy", file.remedy))
    }
    return {
        "kind": file.kind.value, "scans": list(file.scans), "file": file.file,
        "layout": file.layout, "compared": file.is_compared, **told,
    }  # fmt: skip


def _tell(files: list[SheetFile], out: Path) -> None:
    count = Counter(file.kind for file in files)
    scans = sum(len(file.scans) for file in files)
    joined, kept = count[SheetKind.JOINED], count[SheetKind.KEPT]
    say(
        Text(
            f"{scans} ảnh → {joined} tờ ghép, {kept} ảnh giữ nguyên, {count[SheetKind.ALONE]} nửa "
            f"tờ lẻ, {count[SheetKind.FAULT]} ảnh hỏng → {written(out)}",
            f"{scans} scans → {joined} sheets joined, {kept} scans kept as they are, "
            f"{count[SheetKind.ALONE]} halves alone, {count[SheetKind.FAULT]} faulty "
            f"→ {written(out)}",
        )
    )
    unsure = sum(file.kind is SheetKind.JOINED and not file.is_compared for file in files)
    if unsure:
        say(
            Text(
                f"{unsure} tờ ghép theo thứ tự ảnh: phần hai ảnh cùng chụp có quá ít chữ để so",
                f"{unsure} sheets were joined by the order of the scans: the strip that both "
                "scans show has too little writing to compare",
            )
        )
    told = [file for file in files if file.cause][:_MOST_SHOWN]
    if told:
        print_table(
            Text("Ảnh chưa ghép được", "Scans that were not joined"),
            (Text("ảnh", "scan"), Text("vì sao", "why"), Text("việc cần làm", "what to do")),
            [(", ".join(one.scans), str(one.cause), str(one.remedy or "")) for one in told],
        )
