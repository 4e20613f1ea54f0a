"""Days to be planned, small and mixed, the same for the same seed."""

from datetime import date, timedelta
from random import Random

from planning.problem import Appointment, Job, Need, Place, Problem, Skill, Worker, travel_matrix

DAY = date(2026, 5, 8)
WHOLE = ((480, 1200),)
WATER, POWER = Need(1, "水电工"), Need(2, "电工", certificate=True)


def places(number: int = 3) -> tuple[Place, ...]:
    """Estates in a row, some four kilometres apart; the last one without coordinates if there are four."""
    found = [
        Place(key, f"项目{key}", key // 2, 30.2 + key * 0.01, 120.2 + key * 0.035) for key in range(number)
    ]
    return (*found[:3], *(Place(key, f"项目{key}", 1) for key in range(3, number)))


def job(key: int, **changes) -> Job:
    """Half an hour of water at the first estate, at any time."""
    facts = {"place": 0, "minutes": 30, "needs": (WATER,), "windows": WHOLE, "level": 3}
    return Job(key=key, number=f"T-{key:04}", label="厨房龙头漏水", **facts | changes)


def worker(key: int, **changes) -> Worker:
    """A plumber from eight to six who serves all estates."""
    facts = {"home": 0, "start": 480, "end": 1080, "skills": (Skill(1),), "places": None}
    return Worker(key=key, name=f"师傅{key}", **facts | changes)


def day(jobs, workers, *, estates: int = 3) -> Problem:
    """A day with these jobs and people."""
    rows = places(estates)
    return Problem(DAY, rows, travel_matrix(rows), tuple(jobs), tuple(workers))


def mixed(seed: int, *, jobs: int = 14, workers: int = 5) -> Problem:
    """A day with everything in it: limits, wishes, certificates, appointments, full hands, held tickets."""
    random = Random(seed)
    people = [_somebody(random, key) for key in range(1, workers + 1)]
    return day([_call(random, 100 + key, people) for key in range(jobs)], people, estates=4)


def _somebody(random: Random, key: int) -> Worker:
    expires = random.choice([None, DAY, DAY - timedelta(days=1), DAY + timedelta(days=90)])
    power = Skill(2, random.random() < 0.7, expires, random.choice(["", "", "", "实操"]))
    booked = [Appointment(7000 + key, "约", "", random.randrange(4), at, at + 120) for at in (600, 720, 840)]
    start = random.choice([480, 480, 600, 720])
    free = random.randrange(1, 8)
    return worker(
        key,
        home=random.randrange(4),
        start=start,
        end=start + random.choice([240, 480, 600]),
        skills=tuple(random.sample([Skill(1), power, Skill(3)], random.randrange(1, 4))),
        places=None if random.random() < 0.5 else frozenset(random.sample(range(4), 2)),
        free=free,
        ordinary=max(0, free - random.randrange(2)),
        appointments=tuple(random.sample(booked, random.choice([0, 0, 1, 2]))),
    )


def _call(random: Random, key: int, people: list[Worker]) -> Job:
    return job(
        key,
        place=random.randrange(4),
        minutes=random.choice([10, 25, 60, 120]),
        needs=random.choice([(), (WATER,), (POWER,), (WATER, POWER)]),
        windows=random.choice([WHOLE, WHOLE, ((480, 705),), ((780, 1065),), ((540, 600), (900, 960))]),
        level=random.randrange(1, 5),
        due=random.choice([None, None, 300, 620, 900]),
        only=random.choice([None] * 6 + [random.choice(people).key]),
        barred=frozenset(each.key for each in people if random.random() < 0.1),
    )
