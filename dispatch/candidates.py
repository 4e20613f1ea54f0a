"""What a suggestion is made from: the job of a ticket, the workers as they stand, the weights (DI-01).

Plain data, no database: `dispatch.facts` gathers it, `dispatch.suggest` reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

OWN, CONTRACTOR, THIRD_PARTY = "own", "contractor", "third_party"


@dataclass(frozen=True)
class Need:
    """A trade that the fault asks for."""

    trade_id: int
    name: str
    needs_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Skill:
    """A trade that a worker has; `expires_on` is the last valid day of the certificate.

    `exams` names the parts that a new worker has still to pass, "" when nothing is asked.
    """

    trade_id: int
    certificate: str = ""
    expires_on: date | None = None
    exams: str = ""


@dataclass(frozen=True)
class Job:
    """What the ticket asks for; any one of `trades` will do, none means that anybody can.

    `today` is the day in local time on which certificates must be valid. `covered` is the
    warranty verdict ("yes", "no", "unknown"). `confirmed`: the engineer has named trade and responsibility;
    `liable` says in words who answers for it where no contractor does (DI-13). `repeat`: a second repair
    before the manager's visit (DI-06). `declined` are the workers who said no this round, `silent` those
    who gave no answer.
    """

    trades: tuple[Need, ...]
    estate_id: int
    area_id: int
    neighbours: frozenset[int]
    level: int
    today: date
    covered: str = "unknown"
    confirmed: bool = False
    liable: str = ""
    repeat: bool = False
    declined: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()


# Not frozen: thousands are made for one suggestion, and a frozen one takes three times as long.
@dataclass(slots=True)
class Candidate:
    """What is known of a worker. `estates` None means all; `today_estates` are those of today's visits.

    `duty` says in words why somebody is on duty or not; who is on `standby` goes to level 1 only.
    `load` and `capacity` count tickets in hand, `reserve` of them kept for level 1;
    `visits_here` counts arrivals at this unit or place; `fixed` of `followed_up` repairs were found
    solved at their follow-up; `punctual` of `visited` agreed windows were kept (`dispatch.punctuality`).
    `agreement`: whether a company has an agreement, or a yearly contract, in force for this estate and trade.
    """

    worker_id: int
    name: str
    skills: tuple[Skill, ...]
    on_duty: bool
    load: int
    capacity: int
    estates: frozenset[int] | None
    area_id: int
    grade: int = 1
    employer: str = OWN
    today_estates: frozenset[int] = frozenset()
    visits_here: int = 0
    fixed: int = 0
    followed_up: int = 0
    duty: str = ""
    standby: bool = False
    reserve: int = 0
    punctual: int = 0
    visited: int = 0
    agreement: bool = True


@dataclass(frozen=True)
class Weights:
    """The most points each part of the score can give; together a hundred."""

    nearness: float = 30
    load: float = 25
    level: float = 10
    earlier: float = 10
    quality: float = 15
    punctuality: float = 10


@dataclass(frozen=True)
class Crowd:
    """Workers who lack every trade the job asks for: too many to carry about, counted where they were read.

    `steps` counts them by step of the ladder; `names` are (key, name) of the first of them.
    """

    steps: Mapping[str, int] = field(default_factory=dict)
    names: Sequence[tuple[int, str]] = ()
