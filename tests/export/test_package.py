"""`export_book`: the official pair of files, refused while anything is open."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace

import pikepdf
import pytest
import xlrd
from python_calamine import CalamineWorkbook

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.export import file_pair
from ocr_pipeline.export.readiness import UnfinishedBookError
from ocr_pipeline.registers.fields import Box, Doubt, Severity, State
from ocr_pipeline.registers.templates import generations, load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.scans.pages import digest, find_pages
from tests.builders.births import CHILD, PDFS, STEM, changed, final_field, final_record, scan
from tests.builders.long_cases import long_after

HARD = Doubt("date_words", Severity.HARD, Text("hai ngày khác nhau", "the two dates differ"))


def rules_of(error: UnfinishedBookError) -> set[str]:
    return {obstacle.rule for obstacle in error.obstacles}


def obstacles(job, **more) -> set[str]:
    with pytest.raises(UnfinishedBookError) as caught:
        job.export(**more)
    assert not list(job.out.rglob("*.*s*"))
    return rules_of(caught.value)


def test_the_pair_lies_in_the_folder_of_its_agency(job):
    package = job.export()
    folder = job.out / "xalocthuan_hbd_tbt"
    assert sorted(path.name for path in folder.iterdir()) == [f"{STEM}.xls", f"{STEM}.zip"]
    assert (package.excel, package.archive) == (folder / f"{STEM}.xls", folder / f"{STEM}.zip")
    assert package.records == 2


def test_excel_holds_the_template_and_text_only(job):
    excel = job.export().excel
    template = load_template("KS")
    rows = CalamineWorkbook.from_path(str(excel)).get_sheet_by_index(0).to_python()
    assert rows[0] == template.headers() and len(rows[0]) == 60 and len(rows) == 3
    book = xlrd.open_workbook(str(excel))
    assert book.sheet_names() == [template.sheet]
    sheet = book.sheet_by_index(0)
    types = {sheet.cell_type(row, column) for row in range(3) for column in range(60)}
    assert types <= {xlrd.XL_CELL_TEXT, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_EMPTY}
    cells = dict(zip(rows[0], rows[2], strict=True))
    assert cells["nksHoTen"] == "=1+1"
    assert cells["so"] == "63/2017" and cells["quyenSo"] == "01/2017"
    assert cells["ngayDangKy"] == "06.07.2017"
    assert cells["nksNgaySinhBangChu"].startswith("Ngày Một Tháng Bảy Năm Hai Nghìn")
    assert cells["noiDangKy"].endswith("xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it_with_the_same_cells(job, tmp_path):
    excel = job.export().excel
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    subprocess.run(
        [*command, "--convert-to", options, "--outdir", tmp_path, excel],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    lines = (tmp_path / f"{STEM}.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split(",") == load_template("KS").headers()
    assert len(lines) == 3 and "=1+1" in lines[2] and "05.07.2017" in lines[1]


@pytest.mark.parametrize("type", RegisterType)
def test_every_template_is_written_literally(job, type):
    written = 0
    for generation in generations(type):
        base = load_template(type, generation)
        for variant in base.variants or ("",):
            template = load_template(type, generation, variant)
            job.book = replace(job.book, type=type)
            job.template = template
            job.out = job.out / f"{generation}{variant}"
            try:
                excel = job.export().excel
            except UnfinishedBookError as error:  # codes that the births' values do not have
                assert rules_of(error) <= {"code_unknown"}
                continue
            sheet = CalamineWorkbook.from_path(str(excel)).get_sheet_by_name(template.sheet)
            assert sheet.to_python()[0] == template.headers()
            written += 1
    assert written


def test_zip_is_flat_with_one_pdf_a_record(job):
    with zipfile.ZipFile(job.export().archive) as archive:
        assert archive.namelist() == PDFS
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in PDFS:
            data = archive.read(name)
            assert 40_000 < len(data) < 110_000
            with pikepdf.open(io.BytesIO(data)) as pdf:
                [page] = pdf.pages
                assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
                assert "/CreationDate" not in pdf.docinfo


def test_repetition_gives_the_same_bytes_and_touches_nothing(job, tmp_path):
    first = job.export()
    before = [(p.read_bytes(), p.stat().st_ino) for p in (first.excel, first.archive)]
    again = job.export(workers=1)
    assert before == [(p.read_bytes(), p.stat().st_ino) for p in (again.excel, again.archive)]
    job.out = tmp_path / "elsewhere"
    other = job.export(workers=3)
    assert [b for b, _ in before] == [other.excel.read_bytes(), other.archive.read_bytes()]


def test_a_changed_book_replaces_both_files(job):
    job.export()
    job.records[0] = changed(job.records[0], nksHoTen=final_field("nksHoTen", "Trần Thị Hoa"))
    job.records.pop()
    package = job.export()
    rows = CalamineWorkbook.from_path(str(package.excel)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2 and "Trần Thị Hoa" in rows[1]
    assert zipfile.ZipFile(package.archive).namelist() == PDFS[:1]


def test_several_records_of_a_sheet_each_carry_the_whole_sheet(job, scans, tmp_path):
    folder = tmp_path / "a3"
    folder.mkdir()
    scan(folder / "bảng 1.jpg", long=420, short=297, dpi=100)
    job.pages = {ref.name: ref for ref in find_pages(folder)[0]}
    other = CHILD | {"so": "63/2017"}
    job.records = [
        final_record("bảng 1.jpg", CHILD), final_record("bảng 1.jpg", other, position=2)
    ]  # fmt: skip
    with zipfile.ZipFile(job.export(turns={"bảng 1.jpg": 90}).archive) as archive:
        one, two = (archive.read(name) for name in archive.namelist())
    assert one == two and len(one) < 220_000
    with pikepdf.open(io.BytesIO(one)) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] in (
            [1191, 841],
            [1191, 842],
        )


def test_empty_places_of_a_sheet_are_left_out_once_nobody_has_to_look_at_them(job):
    shared = final_field("trangSo", "31", box=Box(900, 20, 80, 40))
    empty = final_record("1.jpg", dict.fromkeys(CHILD, ""), position=2)
    job.records[:1] = [changed(job.records[0], trangSo=shared), changed(empty, trangSo=shared)]
    assert job.export().records == 2
    waiting = final_field("nksHoTen", "", State.IN_REVIEW)
    job.records[1] = changed(job.records[1], nksHoTen=waiting)
    with pytest.raises(UnfinishedBookError) as caught:
        job.export()
    assert "in_review" in rules_of(caught.value)


def test_a_record_over_two_pages_is_a_pdf_of_two_pages(job):
    job.records = job.records[:1]
    package = job.export(continuations={("1.jpg", 1): ["2.jpg"]})
    with zipfile.ZipFile(package.archive) as archive:
        assert len(pikepdf.open(io.BytesIO(archive.read(PDFS[0]))).pages) == 2


def test_fields_in_review_and_hard_doubts_hold_the_book_back(job):
    one, two = job.records
    job.records = [
        changed(one, nksHoTen=final_field("nksHoTen", "Trần", State.IN_REVIEW)),
        changed(two, nksNgaySinh=final_field("nksNgaySinh", "01.07.2017", doubts=(HARD,))),
    ]
    assert obstacles(job) == {"in_review", "date_words"}


def test_what_a_person_confirmed_goes_out(job):
    one, two = job.records
    confirmed = final_field("nksNgaySinh", "28.06.2017", State.CONFIRMED, doubts=(HARD,))
    unreadable = final_field("nksHoTen", "", State.UNREADABLE)
    job.records = [changed(one, nksNgaySinh=confirmed), changed(two, nksHoTen=unreadable)]
    assert job.export().records == 2


@pytest.mark.parametrize(
    ("code", "value", "rule"),
    [
        ("ngayDangKy", "07.2017", "registration_date_incomplete"),
        ("ngayDangKy", "2017", "registration_date_incomplete"),
        ("ngayDangKy", "", "mandatory"),
        ("so", "", "mandatory"),
        ("nksGioiTinh", "7", "code_unknown"),
        ("nksNgaySinh", "31.02.2017", "date_malformed"),
    ],
)
def test_what_the_import_would_refuse_is_refused_even_if_confirmed(job, code, value, rule):
    field = final_field(code, value, State.CONFIRMED)
    job.records[0] = changed(job.records[0], **{code: field})
    assert rule in obstacles(job)


def test_two_records_of_one_file_name_are_refused(job):
    same = {code: final_field(code, CHILD[code]) for code in ("so", "ngayDangKy")}
    job.records[1] = changed(job.records[1], **same)
    assert obstacles(job) == {"same_file_name"}


def test_rows_without_a_scan_and_changed_scans_are_refused(job, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(job.book.path, folder)
    job.pages = {ref.name: ref for ref in find_pages(folder)[0]}
    digests = {name: digest(ref) for name, ref in job.pages.items()}
    (folder / "1.jpg").unlink()
    scan(folder / "2.jpg", seed=9)
    assert obstacles(job, digests=digests) == {"scan_missing", "scan_changed"}


def test_waiting_pages_and_empty_books_are_refused(job):
    waiting = [("7.jpg", Text("không rõ mẫu", "no known form"))]
    with pytest.raises(UnfinishedBookError) as caught:
        job.export(waiting=waiting)
    [obstacle] = caught.value.obstacles
    assert obstacle.file == "7.jpg" and obstacle.message.en == "no known form"
    job.records = []
    assert obstacles(job) == {"no_records"}


def test_a_scan_that_breaks_at_the_last_moment_leaves_nothing(job, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(job.book.path, folder)
    job.pages = {ref.name: ref for ref in find_pages(folder)[0]}
    (folder / "2.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    with pytest.raises(BadInputError):
        job.export()
    assert list((job.out / "xalocthuan_hbd_tbt").iterdir()) == []


def test_an_output_folder_that_cannot_be_written_is_named(job):
    job.out.write_text("a file where the folder should be")
    with pytest.raises(MachineError) as caught:
        job.export()
    assert str(job.out) in caught.value.where


@pytest.mark.parametrize("steps", long_after(3, range(1, 8)))
@pytest.mark.parametrize("again", long_after(1, [False, True]))
def test_wherever_the_power_fails_an_excel_stands_beside_its_own_zip(
    job, monkeypatch, steps, again
):
    """Stop at every flush to the disk; the next export repairs what is there."""
    folder = job.out / "xalocthuan_hbd_tbt"
    if again:
        job.export()
        old = {path.suffix: path.read_bytes() for path in folder.iterdir()}
        job.records.pop()
    left = steps

    def counted(path):
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(file_pair, "flush", counted)
    monkeypatch.setattr(file_pair, "flush_folder", counted)
    monkeypatch.setattr(file_pair, "_remove", lambda folder: None)  # the dead clean nothing up
    try:
        job.export()
    except KeyboardInterrupt:
        pass
    monkeypatch.undo()
    state = {path.suffix: path.read_bytes() for path in folder.glob("x*")}
    job.out = job.out.parent / "fresh"
    fresh = job.export()
    new = {".xls": fresh.excel.read_bytes(), ".zip": fresh.archive.read_bytes()}
    if ".xls" in state:
        assert state == new or (again and state == old)
    job.out = folder.parent
    monkeypatch.setattr(
        file_pair, "_owner", lambda: "elsewhere-999999999"
    )  # the next export is another process
    job.export()
    assert {path.suffix: path.read_bytes() for path in folder.glob("x*")} == new
