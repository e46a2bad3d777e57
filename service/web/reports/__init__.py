"""Reports: what the tallies say of some days, as charts with their numbers, spreadsheets and a page to print."""

from service.web.reports.views import blueprint

__all__ = ["blueprint"]
