"""Whole inputs that damage is done to: small scans, inventories, forms, packages, requests."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import openpyxl
import pikepdf
import xlwt
from PIL import Image

from tests.builders import tiff_files
from tests.builders.package_files import PDFS, ROWS, STEM, archive, excel, pdf
from tests.builders.pdf_pages import add_note, add_page, in_scanner_order, jpeg_bytes, saved
from tests.fuzz.damage import damaged, odd_name
from tests.fuzz.inputs import Entry, Input, read_tree, tree

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_scans"
_HEADER = "folder,type,commune,district,province,year opened,book number,layout"
_UNITS = "xã Phước Ngãi,huyện Ba Tri,tỉnh Bến Tre"
_BOOK_FILE = """type: khai sinh
commune: xã Phước Ngãi
district: huyện Ba Tri
province: tỉnh Bến Tre
year opened: 2018
book number: 1
"""
_POLICY = "error_budget: 0.01\nthreshold: 0.99\nthresholds:\n  person_name: 0.995\n  date: 0.98\n"
_NOTIFY = (
    "smtp:\n  host: 127.0.0.1\n  port: 2525\n  from: a@example.org\nmail_to: [b@example.org]\n"
)


@cache
def sheet() -> np.ndarray:
    """A page of (420, 300, 3) pixels with something on it."""
    pixels = np.full((420, 300, 3), 240, np.uint8)
    pixels[60:380:24, 30:270] = (40, 40, 60)
    pixels[100:140, 50:120] = np.arange(70, dtype=np.uint8)[None, :, None]
    return pixels


def _picture(form: str, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(sheet()).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def _pdf_with(**entries: object) -> bytes:
    made = pikepdf.new()
    add_page(made, jpeg_bytes(sheet()), (300, 420), **entries)  # type: ignore[arg-type]
    return saved(made)


def _pdf_plain() -> bytes:
    """Flate pictures, object streams, a note, a form with a picture inside."""
    made = pikepdf.new()
    raw = sheet().tobytes()
    page = add_page(made, raw, (300, 420), image={"Filter": None})
    add_note(made, page, "Stamp")
    add_page(made, raw, (300, 420), b"q 595 0 0 842 0 0 cm /Im0 Do Q BT /F1 12 Tf (x) Tj ET")
    return saved(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@cache
def scans() -> dict[str, bytes]:
    """One file of each kind of scan, by name."""
    gray = sheet()[..., 0]
    both = [tiff_files.picture(sheet(), 2), tiff_files.picture(gray, 1)]
    return {
        "a.jpg": jpeg_bytes(sheet()),
        "b.jpg": _picture("JPEG", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
        "c.png": _picture("PNG", dpi=(200, 200)),
        "d.png": _picture("PNG", "P"),
        "e.tif": _picture("TIFF", "1", compression="group4"),
        "f.tif": _picture("TIFF", compression="tiff_lzw"),
        "g.tif": _picture("TIFF", compression="jpeg"),
        "h.tif": tiff_files.tiff(both),
        "i.tif": tiff_files.tiff(both, order=">", big=True),
        "j.bmp": _picture("BMP"),
        "k.gif": _picture("GIF", "P"),
        "l.webp": _picture("WEBP"),
        "m.jp2": _picture("JPEG2000"),
        "n.pdf": in_scanner_order([sheet(), sheet()]),
        "o.pdf": _pdf_with(),
        "p.pdf": _pdf_plain(),
        "q.pdf": _pdf_with(content=b"q 595 0 0 842 0 0 cm /Im0 Do Q q 9 0 0 9 0 0 cm /Im0 Do Q"),
    }


def _line(folder: str, number: int, layout: str = "") -> str:
    return f"{folder},KS,{_UNITS},2018,{number},{layout}"


@cache
def inventories() -> dict[str, bytes]:
    """One inventory of each kind, by name; each has the lines of two books."""
    lines = [_HEADER, _line("so1", 1), _line("so2", 2)]
    rows = [line.split(",") for line in lines]
    modern = openpyxl.Workbook()
    old = xlwt.Workbook()
    table = old.add_sheet("so")
    for number, row in enumerate(rows):
        modern.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
        for column, cell in enumerate(row):
            table.write(number, column, float(cell) if cell.isdecimal() else cell)
    modern.active.merge_cells("C2:C3")
    modern.active["I2"] = "=1+1"
    files = {"books.xlsx": modern.save, "books.xls": old.save}
    found = {}
    for name, save in files.items():
        buffer = io.BytesIO()
        save(buffer)
        found[name] = buffer.getvalue()
    text = "\n".join(lines) + "\n"
    quoted = text.replace("xã Phước Ngãi", '"xã ""Phước"" Ngãi\nhuyện"')
    return {
        **found,
        "books.csv": text.encode(),
        "danh sách sổ.csv": quoted.replace(",", ";").encode("utf-8-sig"),
        "so1/book.yaml": _BOOK_FILE.encode(),
    }


@cache
def layouts() -> list[Entry]:
    """A form with its reference picture."""
    return read_tree(ROOT / "layouts" / "KS" / "2016", "KS/2016/")


@cache
def packages() -> dict[str, bytes]:
    """A package of two births: `.xls`, `.zip`, and the same table as `.xlsx`."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        table = excel(Path(folder) / f"{STEM}.xls", ROWS).read_bytes()
        zipped = archive(
            Path(folder) / f"{STEM}.zip", [(name, pdf()) for name in PDFS]
        ).read_bytes()
    modern = openpyxl.Workbook()
    modern.active.append(["so", "quyenSo", "ngayDangKy"])
    modern.active.append(["63/2017", "01/2017", 3])
    buffer = io.BytesIO()
    modern.save(buffer)
    return {f"{STEM}.xls": table, f"{STEM}.zip": zipped, "khac.xlsx": buffer.getvalue()}


@cache
def returned_list() -> bytes:
    """A list of a reconciliation with a decision in each row."""
    from ocr_pipeline.exchange.reconciling.listed_person import heading
    from tests.fuzz.doors import reconciliation

    [path] = (reconciliation() / "theo_xa").rglob("danh_sach.KS.xlsx")
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, columns[heading("decision")], "Chưa xác minh được")
            sheet.cell(row, columns[heading("justification")], "chờ xác minh")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@cache
def models() -> list[Entry]:
    """The small model that is shipped beside the large one, or the large one."""
    folders = sorted((ROOT / "models").glob("*/model.onnx"), key=lambda path: path.stat().st_size)
    return read_tree(folders[0].parent, "mau/") if folders else []


def _scan(random: Random) -> Input:
    name = random.choice(sorted(scans()))
    data = damaged(scans()[name], random)
    stem, _, suffix = name.partition(".")
    if random.random() < 0.05:
        suffix = random.choice(("pdf", "jpg", "tif", "png", "txt", ""))
    return Input("scan", tree([(f"{stem}.{suffix}", data), ("z.jpg", scans()["a.jpg"])]))


def _page(random: Random) -> Input:
    """A page that the form can be looked for on, with light damage."""
    source = random.choice(["ks-2018/Trang 5.jpg", "kt-2019", "cmc-2016/so.tif", "kh-2017/so.pdf"])
    path = SAMPLES / source
    path = path if path.is_file() else sorted(p for p in path.iterdir() if p.suffix != ".json")[0]
    data = path.read_bytes()
    if random.random() < 0.5:
        name = random.choice(sorted(scans()))
        return Input("page", tree([(name, damaged(scans()[name], random))]))
    return Input("page", tree([(f"a{path.suffix}", damaged(data, random)[:8_000_000])]))


def _inventory(random: Random) -> Input:
    name = random.choice(sorted(inventories()))
    files = [(name, damaged(inventories()[name], random))]
    if random.random() < 0.2:
        other = random.choice(sorted(inventories()))
        files += [(other, inventories()[other])] if other != name else []
    pages = [("so1/1.jpg", scans()["a.jpg"]), ("so2/1.jpg", scans()["a.jpg"])]
    return Input("inventory", tree([*pages, *files]))


def _ingest(random: Random) -> Input:
    made = _inventory(random) if random.random() < 0.5 else _names(random)
    made.door = "ingest"
    name = random.choice(sorted(scans()))
    made.entries += tree([(f"so1/{name}", damaged(scans()[name], random))])
    return made


def _layout(random: Random) -> Input:
    entries = [Entry(e.name, e.content, e.kind) for e in layouts()]
    one = random.choice(entries)
    one.content = damaged(one.content, random)
    return Input("layout", entries)


def _package(random: Random) -> Input:
    files = dict(packages())
    name = random.choice(sorted(files))
    files[name] = damaged(files[name], random)
    return Input("package", tree(files.items()))


def _returned(random: Random) -> Input:
    """A returned list that is damaged, or in which somebody typed anything anywhere."""
    data = returned_list()
    if random.random() < 0.5:
        return Input("returned", tree([("tra_ve.xlsx", damaged(data, random))]))
    book = openpyxl.load_workbook(io.BytesIO(data))
    for _ in range(random.randrange(1, 9)):
        sheet = random.choice(book.worksheets)
        cell = sheet.cell(random.randrange(1, 6), random.randrange(1, 30))
        cell.value = random.choice((None, "", "=1/0", 3, 1e300, True, "x" * 40_000, "9" * 30, "①"))
    buffer = io.BytesIO()
    book.save(buffer)
    return Input("returned", tree([("tra_ve.xlsx", buffer.getvalue())]))


def _names(random: Random) -> Input:
    """Files, folders, links, pipes and sockets under names that nobody expects."""
    entries = [
        Entry(b"books.csv", inventories()["books.csv"]),
        Entry(b"so2/1.jpg", scans()["a.jpg"]),
    ]
    for _ in range(random.randrange(1, 6)):
        suffix = random.choice(
            (b".jpg", b".pdf", b".tif", b"", b".csv", b".zip", b".yaml", b".part")
        )
        name = b"so1/" + odd_name(random, suffix)
        kind = random.choice(("file", "file", "file", "folder", "link", "fifo", "socket"))
        content = random.choice(list(scans().values()))
        if kind == "link":
            content = random.choice(
                (b".", b"..", name, b"/dev/zero", b"/proc/self/mem", b"x" * 300, b"\xff")
            )
        entries.append(Entry(name, content, kind, random.choice((None, None, None, 0))))
    if random.random() < 0.2:
        fifo = random.choice((b"books.xlsx", b"books.csv", b"so1/book.yaml", b"so2/2.jpg", b"so3"))
        entries = [e for e in entries if e.name != fifo] + [
            Entry(fifo, b"", random.choice(("fifo", "folder")))
        ]
    return Input("names", entries)


def _data(random: Random) -> Input:
    files = {
        "policy.yaml": _POLICY,
        "notify.yaml": _NOTIFY,
        "run.json": json.dumps({"model": "htr"}),
    }
    name = random.choice(sorted(files))
    return Input("data", tree([(name, damaged(files[name].encode(), random))]))


def _model(random: Random) -> Input:
    entries = [Entry(e.name, e.content, e.kind) for e in models()]
    one = random.choice(entries)
    one.content = damaged(one.content, random) if one.content else b"x"
    if random.random() < 0.2:
        entries.remove(one)
    return Input("model", entries)


_KEYS = """
    field fields action value base lane seconds note code book page kind decisions size filter items
    token layout points corners trust before after reason error_budget threshold mode text query
    limit ids field_ids record
""".split()


def _value(random: Random, depth: int = 0) -> object:
    plain: list[object] = [
        *(0, 1, -1, 2**31, 2**63, 10**30, 0.5, 1e308, True, None, [], {}, [[[[]]]]),
        *("", "x", "Nguyễn", "\x00", "\ud800", "a" * 70_000, "accept", "confirm", "doubt"),
        *("1.1.2018", "\u202e", "=1", "'; drop table", "../.."),
    ]
    if depth < 3 and random.random() < 0.4:
        return [_value(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and random.random() < 0.5:
        return {random.choice(_KEYS): _value(random, depth + 1) for _ in range(random.randrange(6))}
    return random.choice(plain)


def _station(random: Random) -> Input:
    """A request: the number of a route, what stands in its address, and a body."""
    body = {random.choice(_KEYS): _value(random) for _ in range(random.randrange(6))}
    text = json.dumps(body)
    if random.random() < 0.3:
        text = damaged(text.encode(), random).decode("latin-1")
    if random.random() < 0.1:
        text = random.choice(
            ("", "null", "[" * 5000, "NaN", "\x00", '{"a":' * 3000, '"' + "x" * 200_000)
        )
    request = {
        "route": random.randrange(10_000),
        "parts": [str(_value(random, 9)) for _ in range(3)],
        "query": {random.choice(_KEYS): str(_value(random, 9))},
        "body": text,
    }
    return Input("station", tree([("request.json", json.dumps(request).encode())]))


def _answers(random: Random) -> Input:
    """What Label Studio says of its tasks."""
    answer: dict[str, object] = {
        "id": 7, "completed_by": {"id": 3}, "lead_time": 4.2, "updated_at": "2026-03-02T08:00:00Z",
        "result": [{"from_name": "value", "type": "textarea", "value": {"text": ["Nguyễn Văn A"]}}],
    }  # fmt: skip
    data = {
        "job": "JOB",
        "field": 1,
        "base": None,
        "value": "Nguyễn",
        "code": "nksHoTen",
        "book": "b",
        "page": "1.jpg",
    }
    task: dict[str, object] = {"id": 1, "data": data, "annotations": [answer]}
    for _ in range(random.randrange(1, 4)):
        place: object = task
        while isinstance(place, dict) and place:
            key = random.choice(sorted(place))
            if random.random() < 0.5 or not isinstance(place[key], dict | list):
                place[key] = _value(random, 2)
                break
            place = place[key] if isinstance(place[key], dict) else {"x": 0}
    return Input("answers", tree([("tasks.json", json.dumps([task]).encode())]))


#: Commands that are done within a second, with arguments that make sense.
_COMMANDS = (
    """
status -w {ws}|status -w {ws} --json|results KS -w {ws}|export -w {ws} --out {in}/out --all
export b -w {ws} --out {in}/out|check {in}|check {in}/a.xls --json|delete -w {ws} --confirm ws
read {in} --kind line --out {in}/o.tsv|doctor -w {ws} --json|user list -w {ws}
user disable quan -w {ws}|user add lan --role reviewer -w {ws}|audit verify -w {ws} --head x
audit export -w {ws} --out {in}/a.csv --book b|run {in} -w {ws} --workers 1|eval {in} -w {ws}
layout new {in}/m --id KS-9 --like KS-2016|layout check {in}/m|layout detect {in}/a.jpg
labelstudio pull -w {ws} --url http://127.0.0.1:9 --key-file {in}/key
""".strip()
    .replace("\n", "|")
    .split("|")
)
_OPTIONS = """
--until --page-seconds --page-mb --keep-free-gb --nice --mail-to --webhook --model --layouts
--format --generation --variant --number-padding --kind --limit --account --size --certificate
--person --book --executor --scheduler --head --out -w --json --workers
""".split()
_ODD_WORDS = (
    *(
        "",
        ".",
        "/",
        "/dev/null",
        "/proc/self/mem",
        "{in}/ống",
        "{in}/không/có",
        "x" * 300,
        "x/" * 3000,
    ),
    *("\udcff", "a\nb", "\u202e", "-", "--", "~", "*", "$(id)", "%s", "{in}/a.jpg", "C:\\so"),
    *("0", "-1", "1e400", "nan", "inf", "9" * 5000, "25:99", "07:00", "0x10", "1.5", "²", "١"),
    *(
        "postgresql://",
        "postgresql://u:p@127.0.0.1:9/x",
        "postgresql://[::1",
        "sqlite://",
        "mysql://x",
    ),
    *(
        "postgresql://%zz@h",
        "postgresql://h:99999/x?files={in}/f",
        "postgresql://u:p@127.0.0.1:9/x?files={in}/f",
        "~nobody/x",
        "mysql://h/x?files={in}/f",
        "sqlite:///{in}/a.jpg?files={in}/f",
        "postgresql:///x?files=",
        "postgresql+psycopg://h:99999/x",
        "http://[",
        "https://x:y@127.0.0.1:9",
    ),
    *("a@b", "a@b@c", "=1+1", "KS", "nobody.KS.2018.01", "../..", "đĩa", "1/2", "{in}"),
)


def _arguments(random: Random) -> Input:
    """A command with odd words among its arguments."""
    words = random.choice(_COMMANDS).split()
    for _ in range(random.choice((1, 1, 2, 3))):
        odd = random.choice(_ODD_WORDS)
        first = 2 if words[0] in ("user", "audit", "layout", "labelstudio") else 1
        places = [n for n in range(first, len(words)) if not words[n].startswith("-")]
        if places and random.random() < 0.85:
            words[random.choice(places)] = odd
        else:
            words += random.choice(([random.choice(_OPTIONS), odd], [odd]))
    entries = tree([("a.jpg", scans()["a.jpg"]), ("a.xls", b"x"), ("key", b"\xff")])
    return Input("arguments", [*entries, Entry("ống".encode(), b"", "fifo")], words)


def _process(random: Random) -> Input:
    """A command over damaged things, in a process as people start it."""
    way = random.choice(
        ("run", "run", "check", "read", "layout", "export", "status", "run-model", "doctor")
    )
    if way == "run":
        made = random.choice((_inventory, _names))(random)
        name = random.choice(sorted(scans()))
        made.entries += tree([(f"so1/{name}", damaged(scans()[name], random))])
        made.command = ["run", "{in}", "-w", "{ws}", "--workers", "1"]
    elif way == "run-model":
        made = random.choice((_model, _layout))(random)
        option = ["--model", "{in}/mau"] if made.door == "model" else ["--layouts", "{in}"]
        made.entries += tree([("scans/books.csv", inventories()["books.csv"])])
        made.entries += tree([(f"scans/so{n}/1.jpg", scans()["a.jpg"]) for n in (1, 2)])
        made.command = ["run", "{in}/scans", "-w", "{ws}", "--workers", "1", *option]
    elif way == "check":
        made = _package(random)
        made.command = ["check", "{in}"]
    elif way == "read":
        made = random.choice((_scan, _package))(random)
        made.command = ["read", "{in}", "--kind", "person_name", "--out", "{ws}.tsv"]
        if made.door == "package":
            made.command[1] = f"{{in}}/{STEM}.zip"
    elif way == "layout":
        made = random.choice((_layout, _scan))(random)
        if made.door == "layout":
            made.command = ["layout", random.choice(("check", "preview")), "{in}/KS/2016"]
        else:
            made.command = ["layout", "detect", "{in}/" + made.entries[0].name.decode("latin-1")]
    else:
        made = Input("process", tree([("x", b"")]))
        made.command = {
            "export": ["export", "-w", "{ws}", "--out", "{in}/out"],
            "status": ["status", "-w", "{ws}"],
            "doctor": ["doctor", "--workspace", "{ws}"],
        }[way]
        made.entries += tree([("damage", str(random.randrange(2**32)).encode())])
    made.door = "process"
    return made


#: How an input of each door is made, and how often in a thousand.
KINDS: dict[str, tuple[int, Callable[[Random], Input]]] = {
    "scan": (390, _scan),
    "inventory": (150, _inventory),
    "package": (120, _package),
    "names": (60, _names),
    "data": (60, _data),
    "layout": (50, _layout),
    "ingest": (40, _ingest),
    "station": (30, _station),
    "answers": (20, _answers),
    "returned": (20, _returned),
    "arguments": (40, _arguments),
    "page": (15, _page),
    "model": (5, _model),
    "process": (20, _process),
}


def make_input(seed: int, number: int, kinds: tuple[str, ...] = tuple(KINDS)) -> Input:
    """Input `number` of the seed: the same ones make the same input while these files stay."""
    random = Random(f"{seed}/{number}")
    [kind] = random.choices(kinds, [KINDS[name][0] for name in kinds])
    return KINDS[kind][1](random)
