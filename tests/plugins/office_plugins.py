"""A package of an office that adds an exporter, a notice channel and a recogniser to sohoa."""

from pathlib import Path

from ocr_pipeline.export.cases import agency_folder
from ocr_pipeline.export.exporter import ExportedFiles


class NamesExporter:
    """The names of the children, one a line."""

    name = "names"
    suffix = ".txt"

    def export(self, data, template, naming, out):
        names = [record.fields["nksHoTen"].value for record in data.records]
        if "bug" in names:
            raise KeyError(names)
        path = Path(agency_folder(out, data.book, naming)) / f"{naming.stem(data.book)}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(names), "utf-8")
        return ExportedFiles((path,), len(names))


class NoExporter:
    """Lacks what an exporter needs."""
