"""Would the import accept this package? `check_package`, `check_paths`: made by us or by anyone."""

from __future__ import annotations

from ocr_pipeline.export.faults import FaultLevel, PackageFault
from ocr_pipeline.export.preimport.check import PackageReport, check_package, check_paths

__all__ = ["PackageFault", "FaultLevel", "PackageReport", "check_package", "check_paths"]
