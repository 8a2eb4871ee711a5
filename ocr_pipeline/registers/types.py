"""Register types and their codes in file names."""

from __future__ import annotations

from enum import StrEnum

from ocr_pipeline.errors import Text


class RegisterType(StrEnum):
    """Register type; the value is the code used in file names and layouts.

    The codes of adoption (CN), guardianship (GH), changes (TD) and the end of guardianship (CDGH)
    are provisional: no official source is known.
    """

    KS = "KS"
    KT = "KT"
    KH = "KH"
    CMC = "CMC"
    HN = "HN"
    CN = "CN"
    GH = "GH"
    TD = "TD"
    CDGH = "CDGH"

    @property
    def label(self) -> Text:
        """What the register is called."""
        return _LABELS[self]


_LABELS = {
    RegisterType.KS: Text("khai sinh", "births"),
    RegisterType.KT: Text("khai tử", "deaths"),
    RegisterType.KH: Text("kết hôn", "marriages"),
    RegisterType.CMC: Text("nhận cha, mẹ, con", "recognition of parent or child"),
    RegisterType.HN: Text("xác nhận tình trạng hôn nhân", "marital status"),
    RegisterType.CN: Text("nhận con nuôi", "adoptions"),
    RegisterType.GH: Text("giám hộ", "guardianship"),
    RegisterType.TD: Text("thay đổi, cải chính", "changes and corrections"),
    RegisterType.CDGH: Text("chấm dứt giám hộ", "ends of guardianship"),
}
