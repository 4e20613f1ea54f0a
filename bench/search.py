"""The desk's search box over a million owners and a million tickets (IN-03)."""

from collections.abc import Callable
from random import Random

import psycopg

from bench import client
from bench.client import Address, Answer, WrongAnswer
from bench.session import Session

# What people type, each as often as the others: exact things, beginnings, ends, and two
# characters that stand in every twentieth ticket, in one of a thousand, or nowhere.
TYPED = [
    "{phone}", "{tail}", "{label}", "{room}", "{name}", "{surname}", "{initials}", "{first}",
    "{number}", "{serial}", "漏水", "跳闸", "厨房漏水", "卫生间 渗水", "玄关", "地下车库", "钢琴", "zz",
]  # fmt: skip
PEOPLE = ["front_desk", "call_centre"]
SAMPLE = """
SELECT owner.phone, owner.name, owner.pinyin, unit.label, unit.room, ticket.number
  FROM tickets_ticket ticket JOIN estates_owner owner ON owner.id = ticket.owner_id
  JOIN estates_unit unit ON unit.id = ticket.unit_id
  JOIN estates_estate estate ON estate.id = ticket.estate_id
 WHERE estate.code = 'E007' ORDER BY md5(ticket.number) LIMIT 500
"""
BY_PHONE = "SELECT id, name FROM estates_owner WHERE phone = %s"
BY_SCAN = "SELECT id FROM tickets_ticket WHERE description LIKE %s ORDER BY registered_at DESC LIMIT 8"


class Box:
    """Signed-in people of one estate and of all, and the texts they type."""

    def __init__(self, address: Address, url: str):
        self.url = url
        self.people = [Session(address) for _ in PEOPLE]
        for session, name in zip(self.people, PEOPLE, strict=True):
            session.sign_in(name)
        with psycopg.connect(url) as connection:
            rows = connection.execute(SAMPLE).fetchall()
        random = Random(11)
        self.texts = [_typed(template, random.choice(rows)) for _ in range(40) for template in TYPED]
        self.phones = [row[0] for row in rows]

    def ask(self, number: int) -> bytes:
        """One keystroke's request, by the two people in turn."""
        # The same text by both, one after the other.
        text = self.texts[number // len(self.people) % len(self.texts)]
        return self.people[number % len(self.people)].message("GET", "/desk/find/", q=text)

    def looking_up(self) -> Callable[[], Callable[[], None]]:
        """The yardstick: one exact look into a B-tree, through psycopg and nothing else."""
        return self._asking(BY_PHONE, self.phones)

    def scanning(self) -> Callable[[], Callable[[], None]]:
        """The other one: what reading every description costs."""
        return self._asking(BY_SCAN, ["%钢琴%"])

    def _asking(self, query: str, values: list[str]) -> Callable[[], Callable[[], None]]:
        def worker() -> Callable[[], None]:
            connection = psycopg.connect(self.url, autocommit=True)
            random = Random(3)

            def act() -> None:
                connection.execute(query, [random.choice(values)]).fetchall()

            return act

        return worker


def found(answer: Answer) -> None:
    """Only a fragment with hits, or with the words that there are none, is an answer."""
    if answer.status != 200 or b"data-hits" not in answer.body:
        raise WrongAnswer(f"{answer.status}: the search box got no list")


def asking(address: Address, box: Box) -> Callable[[], Callable[[], None]]:
    """A worker for `client.run`."""
    return client.asking(address, box.ask, found)


def _typed(template: str, row: tuple) -> str:
    phone, name, initials, label, room, number = row
    return template.format(
        phone=phone,
        tail=phone[-4:],
        label=label,
        room=room,
        name=name,
        surname=name[0],
        initials=initials,
        first=initials[:2],
        number=number,
        serial=number[-4:],
    )
