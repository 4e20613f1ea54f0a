"""Clients that end a request as a server does."""

from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client


def read(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, read to its end: what it is sent from is closed by then."""
    if response.streaming:
        response.streaming_content = [response.getvalue()]
    return response


class Reader(Client):
    """Django's client, which leaves a file open until somebody has read the answer."""

    def request(self, **request: Any) -> Any:
        return read(super().request(**request))
