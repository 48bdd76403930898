"""Figures as files that a spreadsheet opens: CSV and XLSX."""

from booking.reports.tables import Table, as_csv, as_xlsx

__all__ = ["Table", "as_csv", "as_xlsx"]
