import itertools
import unicodedata

import numpy as np
import pytest

from ocr_pipeline.training import register_texts


@pytest.mark.parametrize("kind", list(register_texts.KINDS))
def test_each_kind_is_deterministic_and_composed(kind: str) -> None:
    first = [register_texts.field_text(np.random.default_rng(5), kind) for _ in range(3)]
    assert first[0] == first[1] == first[2]
    rng = np.random.default_rng(1)
    for _ in range(200):
        got, text = register_texts.field_text(rng, kind)
        assert got == kind
        assert text == text.strip() != ""
        assert text == unicodedata.normalize("NFC", text)
        assert "  " not in text


def test_kinds_are_the_registers_kinds() -> None:
    from ocr_pipeline.registers.fields import FieldKind

    assert set(register_texts.KINDS) - {"mark"} == set(FieldKind) - {FieldKind.TICK}


def test_clerks_variants_of_dates_in_words_all_occur() -> None:
    rng = np.random.default_rng(0)
    seen = " ".join(register_texts.date_words(rng).lower() for _ in range(3000)).split()
    for word in ("mồng", "mùng", "lẻ", "linh", "tư", "bốn", "nghìn", "ngàn", "lăm", "nhăm", "mốt"):
        assert word in seen, word


def test_a_middle_name_of_a_sex_stands_once_and_before_all_others() -> None:
    rng = np.random.default_rng(5)
    names = [register_texts.person_name(rng).title().split()[1:] for _ in range(3000)]
    pairs = [
        pair for name in names for pair in itertools.pairwise(name[:-1])
    ]  # Văn is a given name
    assert sum(first in ("Thị", "Văn") for first, _ in pairs) > 500
    assert not any({*pair} <= {"Thị", "Văn"} for pair in pairs)
