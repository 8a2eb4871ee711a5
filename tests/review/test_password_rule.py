"""Which passwords are refused, why, and which are not."""

import unicodedata

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.review.password_rule import check_new_password, normalised, usable

HOA = ("hoa", "Trần Thị Hòa")
EASY = [
    "matkhau123", "Mật khẩu 123!", "MẬT-KHẨU-2024", "mat!khau!123", "m@tkh@u!2024", "12345678910",
    "anhyeuem1990", "Anh yêu em mãi mãi", "sohoa2026!!", "S0hoa@12345", "qwertyuiop", "poiuytrewq",
    "1qaz2wsx3edc", "!@#$%^&*()", "P@ssw0rd123", "password8472", "aaaaaaaaaaaa", "abababababab",
    "0912345678", "01011990 0202", "hoa12345678", "Thi Hoa 1985", "vietnamvodich", "          ",
    "iloveyou2000", "ubndxa@2025", "MatKhau\u0301123", "ＭＡＴＫＨＡＵ１２３", "qwe123asd456",
    "matkhaumatkhau", "admin@123456", "Letmein!!!!!!",
]  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_what_a_guesser_tries_first_is_refused(password):
    with pytest.raises(UsageError, match="dễ đoán") as caught:
        check_new_password(password, *HOA)
    assert caught.value.where == "hoa" and caught.value.remedy is not None
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("password", "name"),
    [("xxQuanTri-7kd", "quantri"), ("tranthihoa-7kd", "hoa"), ("Trần.Thị.Hoà/9x", "hoa")],
)
def test_a_name_is_no_part_of_a_password(password, name):
    with pytest.raises(UsageError, match="họ tên"):
        check_new_password(password, name, "Trần Thị Hòa")


@pytest.mark.parametrize(
    "password",
    ["cây-đa-bến-nước", "một mật khẩu dài", "x$7&!q%Z^)_", "correct horse battery", "v8Kq2mTz0e",
     "b" * 3 + "ếnnướcsânđình" * 15],
)  # fmt: skip
def test_others_are_taken(password):
    check_new_password(password, *HOA)


def test_nine_characters_are_too_few_and_201_too_many_however_they_are_typed():
    nine, most = "bếnnướcsâ", ("cây-đa-bến-nước" * 20)[:200]
    for typed in (nine, unicodedata.normalize("NFD", nine)):
        with pytest.raises(UsageError, match="ít nhất 10"):
            check_new_password(typed, *HOA)
    for typed in (most, unicodedata.normalize("NFD", most)):
        check_new_password(typed, *HOA)
        assert usable(typed) and normalised(typed) == most
    for typed in (most + "x", "x" * 1_000_000):
        assert not usable(typed)
        with pytest.raises(UsageError, match="200"):
            check_new_password(typed, *HOA)


@pytest.mark.parametrize("strange", ["\x00", "\udcff", "\n"])
def test_signs_that_no_keyboard_types_are_refused(strange):
    password = "cây-đa-bến-nước" + strange
    assert not usable(password)
    with pytest.raises(UsageError, match="điều khiển"):
        check_new_password(password, *HOA)
