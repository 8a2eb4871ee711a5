import pytest

from ocr_pipeline.errors import TemplateError
from ocr_pipeline.registers.layout_codes import composites, paper_codes, paper_kinds
from ocr_pipeline.registers.templates import code_list, generations, header_key, load_template
from ocr_pipeline.registers.types import RegisterType

ALL = [(t, g) for t in RegisterType for g in generations(t)]


@pytest.mark.parametrize(
    ("type", "generation", "variant", "columns"),
    [
        ("KS", "1437", "", 60),
        ("KS", "158", "", 70),
        ("KH", "1437", "", 44),
        ("KT", "1437", "", 48),
        ("KT", "1437", "47", 47),
        ("CMC", "1437", "", 50),
        ("CMC", "1437", "52", 52),
        ("HN", "1437", "", 35),
    ],
)
def test_number_of_columns(type, generation, variant, columns):
    template = load_template(type, generation, variant)
    assert len(template.columns) == len(set(template.headers())) == columns
    assert not template.provisional


def test_headers_of_the_158_template_are_literal():
    template = load_template("KS", "158")
    headers = template.headers()
    assert template.sheet == "DL Import"
    assert headers[:6] == [
        "STT",
        "so ",
        "quyenSo ",
        "trangSo ",
        "ngayDangKy ",
        "loaiDangKy \ni=[1,2,3,4,5,6]",
    ]
    assert "nksLoaiKhaiSinh\ni=[1,2,3,4,5]" in headers
    assert "meLoaiGiayToTuyThan\ni=[1,2,3,4,5,6,7,8]" in headers
    assert headers[-4:] == load_template("KS").headers()[-4:]


def test_order_of_the_first_columns():
    assert load_template("KH").headers()[6:10] == [
        "nguoiKy",
        "chucVuNguoiKy",
        "ngayXacLapQuanHeHonNhan",
        "nguoiThucHien",
    ]
    ks = load_template("KS").headers()
    assert ks.index("nksHanCheNangLucHanhViNgayCanCuHuyTuyenBo") + 1 == ks.index("meHoTen")
    assert load_template("CMC").sheet == "CMC"
    names = load_template("CMC", "1437", "52").headers()
    assert names[names.index("cmHoTen") + 1] == "cmGioiTinh"


def test_provisional_templates_say_so():
    assert load_template("CN").provisional and load_template("GH").provisional


@pytest.mark.parametrize(("type", "generation"), ALL)
def test_every_code_list_exists(type, generation):
    for column in load_template(type, generation).columns:
        assert not column.codes or code_list(column.codes)


@pytest.mark.parametrize("arguments", [("KH", "158"), ("CMC", "1437", "51"), ("XX", "1437")])
def test_unknown_templates_are_refused_with_a_remedy(arguments):
    with pytest.raises(TemplateError) as error:
        load_template(*arguments)
    assert error.value.remedy


def test_a_damaged_template_names_its_file(tmp_path):
    (tmp_path / "KS-1437.yaml").write_text("type: KS\ncolumns: [{name: a}]", encoding="utf-8")
    with pytest.raises(TemplateError, match="KS-1437.yaml"):
        load_template("KS", folder=tmp_path)


def test_headers_are_compared_tolerantly():
    assert header_key("loaiDangKy \ni=[1,2,3,4,5,6]") == header_key(" LOAIDANGKY")
    assert header_key("noiDangKy UBND xã X") == header_key("noiDangKy")


@pytest.mark.parametrize("type", list(RegisterType))
def test_paper_codes_hold_columns_and_composites(type):
    codes = paper_codes(type)
    for generation in generations(type):
        assert {c.name for c in load_template(type, generation).columns} - {"STT"} <= codes
    for composite in composites(type).values():
        assert set(composite.into) <= codes
    assert set(paper_kinds(type)) == codes


def test_composites_by_person():
    assert "chongGiayTo" in paper_codes("KH") and "chongGiayTo" not in paper_codes("KS")
    assert {"cmGioiTinh", "ncNoiSinh", "nguoiKyVaChucVu"} <= paper_codes("CMC")
