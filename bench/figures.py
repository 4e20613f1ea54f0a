"""The figures: what is measured beside what, and what is to be reached."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlencode

from bench import client, search
from bench.client import Address, Answer, Run, WrongAnswer
from bench.desk import DESCRIPTION, Desk, shows
from bench.place import HOST
from bench.raw import inserting

SEARCH = "desk search"
Worker = Callable[[], Callable[[], None]]


@dataclass
class Figure:
    """One figure at one concurrency with its yardsticks; a run of each is one round."""

    name: str
    concurrency: int
    ours: Worker
    yardsticks: dict[str, Worker]
    goal_rate: float | None = None
    # What 95 of 100 answers are to keep.
    goal_ms: float | None = None
    # By yardstick: what share of it is to be reached.
    goal_ratios: dict[str, float] = field(default_factory=dict)
    rounds: list[dict[str, Run]] = field(default_factory=list)

    def warm_up(self) -> None:
        """Load what only the first requests load."""
        for worker in (self.ours, *self.yardsticks.values()):
            client.run(worker, concurrency=self.concurrency, seconds=1)

    def measure(self, seconds: float) -> None:
        """One round: every yardstick and our own within the same half minute, in turning order."""
        workers = {"ours": self.ours} | self.yardsticks
        order = list(workers)[:: 1 if len(self.rounds) % 2 else -1]
        self.rounds.append(
            {name: client.run(workers[name], concurrency=self.concurrency, seconds=seconds) for name in order}
        )

    @property
    def rate(self) -> float:
        """Our answers in a second, the median of the rounds."""
        return median(each["ours"].rate for each in self.rounds)

    def latency_ms(self, share: float) -> float:
        """Our latency, the median of the rounds."""
        return median(each["ours"].latency_ms(share) for each in self.rounds)

    def yardstick_rate(self, name: str) -> float:
        return median(each[name].rate for each in self.rounds)

    def ratio(self, name: str) -> float:
        """Our rate over the yardstick's of the same round, the median of the rounds."""
        return median(each["ours"].rate / each[name].rate for each in self.rounds)

    def is_reached(self, name: str) -> bool | None:
        """Whether the goals on the line of this yardstick are reached; None without a goal."""
        met = []
        if name == next(iter(self.yardsticks)) and self.goal_rate is not None:
            met.append(self.rate >= self.goal_rate)
        if name == next(iter(self.yardsticks)) and self.goal_ms is not None:
            met.append(self.latency_ms(0.95) <= self.goal_ms)
        if name in self.goal_ratios:
            met.append(self.ratio(name) >= self.goal_ratios[name])
        return all(met) if met else None


def all_figures(desk: Desk, plain: Address, url: str, rows: int) -> list[Figure]:
    """Every figure; `rows` is what one registration inserts."""
    found = []
    for concurrency in (1, 8):
        eight = concurrency == 8
        found += [
            Figure(
                "register a ticket",
                concurrency,
                client.asking(desk.address, desk.register, desk.acknowledged),
                {"minimal view": _minimal_register(plain), f"raw {rows} rows": inserting(url, rows)},
                goal_rate=150 if eight else None,
                goal_ratios={"minimal view": 0.4} if eight else {},
            ),
            Figure(
                "list of 50 tickets",
                concurrency,
                client.asking(desk.address, desk.list_page, shows(b"data-row", 50)),
                {"minimal view": _minimal_page(plain, lambda n: "/tickets/", shows(b"data-row", 50))},
                goal_rate=100 if eight else None,
            ),
            Figure(
                "page of a ticket",
                concurrency,
                client.asking(desk.address, desk.ticket_page, shows("经过".encode(), 1)),
                {"minimal view": _minimal_page(plain, _path(desk), shows(b"<ol><li>", 1))},
                goal_rate=120 if eight else None,
            ),
        ]
    return found


def search_figure(box: search.Box, address: Address) -> Figure:
    """The desk's search box, one person typing at a time as a desk does."""
    return Figure(
        SEARCH,
        1,
        search.asking(address, box),
        {"exact B-tree look": box.looking_up(), "LIKE over all": box.scanning()},
        goal_ms=50,
    )


def _path(desk: Desk) -> Callable[[int], str]:
    return lambda n: f"/ticket/{desk.numbers[n % len(desk.numbers)]}/"


def _minimal_page(plain: Address, path: Callable[[int], str], check: Callable[[Answer], None]) -> Worker:
    return client.asking(plain, lambda n: client.message("GET", path(n), host=HOST), check)


def _minimal_register(plain: Address) -> Worker:
    form = {"unit": 17, "name": "王女士", "phone": "13800138000", "description": DESCRIPTION}
    request = client.message("POST", "/register/", host=HOST, form=urlencode(form).encode())

    def check(answer: Answer) -> None:
        if answer.status != 302:
            raise WrongAnswer(f"{answer.status}: the minimal view refused")

    return client.asking(plain, lambda n: request, check)
