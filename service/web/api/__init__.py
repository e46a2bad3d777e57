"""The API under ``/api/v1``: the pages' data as JSON, for machines with a token. Its document is made of the code."""

from service.web.api.views import blueprint

__all__ = ["blueprint"]
