"""Somebody signed in to the portal, like a browser that keeps its cookies."""

import re
from urllib.parse import quote, urlencode

from bench.client import Address, Answer, Connection, WrongAnswer, message
from bench.place import HOST, PASSWORD


class Session:
    """One person's cookies, and the requests made with them."""

    def __init__(self, address: Address):
        self.address = address
        self.cookies: dict[str, str] = {}

    def sign_in(self, username: str) -> None:
        """Go in through the door."""
        path = "/login/"
        token = self.token_of(self.ask(message("GET", path, host=HOST)))
        form = {"csrfmiddlewaretoken": token, "login": username, "password": PASSWORD}
        answer = self.ask(self.message("POST", path, urlencode(form).encode()))
        if answer.status not in {302, 303}:
            raise WrongAnswer(f"{answer.status}: signing in failed")

    def message(self, method: str, path: str, form: bytes | None = None, **query: str) -> bytes:
        """The bytes of a request of this person."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = f"{quote(path)}?{urlencode(query)}" if query else quote(path)
        return message(method, address, host=HOST, cookies=cookies, form=form)

    def ask(self, request: bytes) -> Answer:
        """Send it on a connection of its own and keep the cookies of the answer."""
        connection = Connection(self.address)
        answer = connection.ask(request)
        connection.close()
        for cookie in answer.headers("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    @staticmethod
    def token_of(answer: Answer) -> str:
        """The CSRF token of the form on a page."""
        found = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', answer.body)
        if not found:
            raise WrongAnswer(f"{answer.status}: no form on the page")
        return found[1].decode()
