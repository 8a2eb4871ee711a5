"""Export: .xls, per-record PDF, zip, packages by agency, and the pre-import check."""
