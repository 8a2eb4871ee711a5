"""A run's work without the network: one record with three fields on a real scan."""

from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.registers.fields import Box, Candidate
from ocr_pipeline.store.states import PageKind
from tests.builders.records import make_field, make_record


def work(job: PageJob) -> PageResult:
    number = job.ref.name.partition(".")[0]
    names = ("Trần Thị Bưởi", "Trần Thị Bười")
    fields = (
        make_field(
            "so", f"{number}/2018", confidence=0.5, as_written=number, box=Box(400, 60, 300, 60)
        ),
        make_field(
            "nksHoTen", names[0], confidence=0.6, box=Box(300, 200, 600, 60),
            n_best=tuple(Candidate(name, name, 0.5) for name in names),
        ),
        make_field("nksNoiSinh", "", confidence=0.7, box=Box(300, 300, 600, 60)),
    )  # fmt: skip
    record = make_record(job.ref.name, fields)
    return PageResult(
        PageKind.RECORD,
        layout="KS-2016",
        records=(record,),
        to_original=(1, 0, 0, 0, 1, 0, 0, 0, 1),
        seconds={"read": 0.1},
    )
