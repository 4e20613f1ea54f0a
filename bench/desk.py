"""Somebody at the front desk: signs in like a browser, then posts forms and reads pages."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from psycopg import sql

from bench.client import Address, Answer, WrongAnswer
from bench.session import Session

# What stands in a prepared request where its own key will.
NO_KEY = str(UUID(int=0))
HOMES_THAT_CALL = 2000
DESCRIPTION = "卫生间顶板渗水，从昨晚开始，楼下也有水迹，已关闭角阀。"


@dataclass(frozen=True)
class Home:
    """A dwelling with the person who calls."""

    unit: int
    owner: int
    name: str
    phone: str


class Desk:
    """A signed-in session of the portal and the data its requests are made of."""

    def __init__(self, address: Address, url: str):
        self.address, self.url = address, url
        self.session = Session(address)
        self.random = Random(7)
        with psycopg.connect(url) as connection:
            self.homes = [Home(*row) for row in connection.execute(HOMES).fetchall()]
            self.faults = [row[0] for row in connection.execute(FAULTS).fetchall()]
            self.numbers = [row[0] for row in connection.execute(NUMBERS).fetchall()]
        self.registered: list[str] = []
        self.lock = threading.Lock()

    def sign_in(self) -> None:
        """Go in through the door, and take the token of the intake form."""
        self.session.sign_in("front_desk")
        self.token = Session.token_of(self.session.ask(self._message("GET", "/desk/intake/")))

    def register(self, number: int) -> bytes:
        """The POST of a filled-in intake form with a form key of its own.

        All but the key is made ready before, for a call of each of so many homes: the client
        shares the processor with the server, and the yardstick sends the same bytes each time.
        """
        key = UUID(int=self.random.getrandbits(128), version=4)
        return self.calls[number % len(self.calls)] + str(key).encode()

    @cached_property
    def calls(self) -> list[bytes]:
        """Requests that lack their form key, which is what they end in."""
        return [
            self._call(home) for home in self.random.sample(self.homes, min(HOMES_THAT_CALL, len(self.homes)))
        ]

    def _call(self, home: Home) -> bytes:
        form = {
            "csrfmiddlewaretoken": self.token,
            "unit": home.unit,
            "owner": home.owner,
            "reporter_name": home.name,
            "reporter_phone": home.phone,
            "fault": self.random.choice(self.faults),
            "description": DESCRIPTION,
            "wanted": "明天上午",
            "channel": "phone",
            "port": "property",
            "started_at": datetime.now(UTC).isoformat(),
            "save": "register",
            "form_key": NO_KEY,
        }
        whole = self._message("POST", "/desk/intake/", urlencode(form).encode())
        return whole.removesuffix(NO_KEY.encode())

    def acknowledged(self, answer: Answer) -> None:
        """Only a redirect to the new ticket counts as registered."""
        path = answer.header("location")
        if answer.status != 303 or not path.startswith("/desk/t/"):
            raise WrongAnswer(f"{answer.status} {path}: {_text(answer)}")
        with self.lock:
            self.registered.append(path.split("/")[3])

    def list_page(self, number: int) -> bytes:
        """The first page of the list."""
        return self._message("GET", "/desk/tickets/")

    def ticket_page(self, number: int) -> bytes:
        """One of a thousand tickets, open in every state or closed lately."""
        return self._message("GET", f"/desk/t/{self.numbers[number % len(self.numbers)]}/")

    def lost(self) -> int:
        """How many acknowledged tickets are not in the database, or not whole."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute(WHOLE, [self.registered]).fetchone()
        assert found
        return len(set(self.registered)) - found[0] + len(self.registered) - len(set(self.registered))

    def _message(self, method: str, path: str, form: bytes | None = None) -> bytes:
        return self.session.message(method, path, form)


def shows(text: bytes, times: int) -> Callable[[Answer], None]:
    """A check that a page came and holds a text so many times or more."""

    def check(answer: Answer) -> None:
        if answer.status != 200 or answer.body.count(text) < times:
            raise WrongAnswer(f"{answer.status}: {_text(answer)}")

    return check


def _text(answer: Answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.body.decode(errors="replace")))[:300]


def rows_by_table(url: str) -> Counter[str]:
    """How many rows each table holds."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute(TABLES).fetchall()]
        counts = Counter()
        for name in names:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            counts[name] = connection.execute(query).fetchone()[0]
    return counts


TABLES = "SELECT relname FROM pg_stat_user_tables ORDER BY 1"
HOMES = """
SELECT unit.id, owner.id, owner.name, owner.phone FROM estates_unit unit
  JOIN LATERAL (SELECT owner.id, owner.name, owner.phone FROM estates_household home
                  JOIN estates_owner owner ON owner.id = home.owner_id
                 WHERE home.unit_id = unit.id ORDER BY home.id LIMIT 1) owner ON true
 ORDER BY unit.id
"""
FAULTS = "SELECT id FROM knowledge_faultcategory WHERE active ORDER BY id"
# People open tickets that are open or were closed lately.
NUMBERS = "SELECT number FROM tickets_ticket WHERE status <> 'archived' ORDER BY md5(number) LIMIT 1000"
# A ticket is whole with its event, holder, clocks, report and message.
WHOLE = """
SELECT count(*) FROM tickets_ticket ticket
 WHERE number = ANY(%s)
   AND EXISTS (SELECT FROM tickets_ticketevent WHERE ticket_id = ticket.id AND seq = 1)
   AND EXISTS (SELECT FROM tickets_holder WHERE ticket_id = ticket.id AND until IS NULL)
   AND EXISTS (SELECT FROM tickets_clock WHERE ticket_id = ticket.id)
   AND EXISTS (SELECT FROM notices_message WHERE ticket_id = ticket.id)
"""
