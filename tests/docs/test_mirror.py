"""The English handbook says what the Vietnamese one says, part by part."""

import re

import pytest

from tests.builders.markdown import ROOT, handbook, page

VI, EN = handbook("vi"), handbook("en")
PAIRS = [
    *(pytest.param(VI[name], EN[name], id=name) for name in VI if name in EN),
    pytest.param(page(ROOT / "README.vi.md"), page(ROOT / "README.md"), id="README of the project"),
]


def test_both_languages_have_the_same_pages():
    assert list(VI) == list(EN)


@pytest.mark.parametrize(("vi", "en"), PAIRS)
def test_the_same_blocks_in_the_same_order(vi, en):
    assert vi.blocks == en.blocks


@pytest.mark.parametrize(("vi", "en"), PAIRS)
def test_the_same_code_blocks(vi, en):
    assert [without_comments(text) for _, text in vi.fences] == [
        without_comments(text) for _, text in en.fences
    ]


@pytest.mark.parametrize(("vi", "en"), PAIRS)
def test_the_same_options_files_and_names_in_each_section(vi, en):
    for (title, said), other in zip(vi.sections(2).items(), en.sections(2).values(), strict=True):
        assert sorted(codes(said)) == sorted(codes(other)), title


@pytest.mark.parametrize(("vi", "en"), PAIRS)
def test_links_lead_to_the_same_pages(vi, en):
    def targets(links):
        plain = [re.sub(r"#.*", "", link) for link in links]
        return [re.sub(r"README(\.vi)?\.md|docs/(vi|en)|\.\./(vi|en)", "", link) for link in plain]

    assert targets(vi.links) == targets(en.links)


@pytest.mark.parametrize("path", sorted(VI))
def test_each_language_is_itself(path):
    prose = re.sub(
        r"“[^”]*”|`[^`]*`|```.*?```|\*\*[^*]*\*\*|\[[^\]]*\]\([^)]*\)",
        "",
        text_of(EN[path]),
        flags=re.S,
    )
    foreign = [
        line
        for line in prose.splitlines()
        if re.search(r"[ăắằẳẵặđơớờởỡợưứừửữựạảấầẩẫậẹẻẽếềểễệỉịọỏốồổỗộụủỹỷỵ]", line)
    ]
    names = (
        "Hộ tịch 158",
        "Trống",
        "thư mục",
        "loại",
        "xã",
        "huyện",
        "tỉnh",
        "năm mở",
        "số quyển",
        "biểu mẫu",
        "tình trạng",
        "nơi đăng ký",
    )
    assert not [line for line in foreign if not any(name in line for name in names)]
    assert re.search(r"[ạảấầẩẫậẹẻẽếềểễệ]", text_of(VI[path]))


def text_of(one):
    return one.path.read_text(encoding="utf-8")


def without_comments(text):
    return [line for line in (re.sub(r"\s*#( .*)?$", "", row) for row in text.splitlines()) if line]


def codes(text):
    """Code within sentences; a Vietnamese folder and its English one count as the same."""
    plain = re.sub(r"```.*?```", "", text, flags=re.S)
    return [re.sub(r"<[^>]*>", "<>", code) for code in re.findall(r"`([^`]+)`", plain)]
