"""The import of workers: read the sheet, plan every change, then write all of it or nothing (IN-16).

Planning touches no row. A person is found by job number, else by phone. An empty cell leaves what
is stored. Passwords are never set: new people sign in once somebody gives them one. The only role
that is given is the worker's.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q

from accounts import rules
from accounts.models import User
from dispatch.models import Skill, Worker
from dispatch.worker_columns import COLUMNS, USER_FIELDS, WORKER_FIELDS
from estates.columns import typed
from estates.house_book import INVALID, Line
from estates.models import Area, Estate
from knowledge.models import Trade

ROLE = "worker"


class WorkerLine(Line):
    """A row of the sheet; several rows may be about one person."""

    @property
    def where(self) -> str:
        return " ".join(filter(None, (self.text("工号"), self.text("手机号"))))

    @property
    def who(self) -> str:
        return self.text("姓名")


@dataclass(eq=False)
class Person:
    """One worker of the sheet: the rows to write, and what of them is new or changed."""

    user: User
    worker: Worker
    guarded: bool = False
    estates: set[int] = field(default_factory=set)
    add: set[int] = field(default_factory=set)
    drop: set[int] = field(default_factory=set)
    skills: dict[int, Skill] = field(default_factory=dict)
    changed_skills: dict[int, Skill] = field(default_factory=dict)
    renewed: dict[int, tuple[str, date | None, date | None]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    set_by: dict[str, tuple[Any, int]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.user.pk is None


@dataclass
class Plan:
    """Everything an import would do."""

    lines: list[WorkerLine]
    people: list[Person]
    at: datetime

    @property
    def totals(self) -> Counter:
        return Counter(line.kind for line in self.lines)

    @property
    def refused(self) -> list[WorkerLine]:
        """The rows with something wrong."""
        return [line for line in self.lines if line.errors]

    @property
    def changes(self) -> list[WorkerLine]:
        """The rows that write something."""
        return [line for line in self.lines if line.kind not in (INVALID, "skip")]


def plan_import(
    *, user: User, header: list[Any], rows: Iterable[tuple[int, list[Any]]], at: datetime
) -> Plan:
    """Read rows (Excel's number, cells) and work out every change within the user's scope."""
    places = {title: place for place, cell in enumerate(header) if (title := typed(cell))}
    lines = [_read(number, cells, places) for number, cells in rows]
    book = _Book.load(user, lines)
    for line in lines:
        if not line.errors:
            book.settle(line)
    return Plan(lines, book.people, at)


def _read(number: int, cells: list[Any], places: dict[str, int]) -> WorkerLine:
    line = WorkerLine(number, cells, places)
    line.read(COLUMNS)
    value = line.values.get
    if not line.text("工号") and not line.text("手机号"):
        line.refuse("工号", "工号与手机号至少填一个")
    if value("certificate") and len(value("trades", ())) != 1:
        line.refuse("工种", "有证书编号时只写一个工种")
    for name, title in (("issued_on", "发证日期"), ("expires_on", "有效期至")):
        if value(name) and not line.text("证书编号"):
            line.refuse(title, "没有证书编号时不填")
    if value("issued_on") and value("expires_on") and value("expires_on") < value("issued_on"):
        line.refuse("有效期至", "不能早于发证日期")
    return line


@dataclass
class _Book:
    """What is stored now, by the names that the sheet uses, and the people found so far."""

    areas: dict[str, int]
    estates: dict[str, int]
    trades: dict[str, Trade]
    by_number: dict[str, Person]
    by_phone: dict[str, Person]
    doubled: set[str]
    taken: set[str]
    foreign: set[str]
    people: list[Person] = field(default_factory=list)

    @classmethod
    def load(cls, user: User, lines: list[WorkerLine]) -> "_Book":
        numbers = {number for line in lines if (number := line.values.get("job_number"))}
        phones = {phone for line in lines if (phone := line.values.get("phone"))}
        known = list(User.objects.filter(Q(job_number__in=numbers) | Q(phone__in=phones)).order_by("pk"))
        seen = set(
            User.objects.visible_to(user).filter(pk__in=[e.pk for e in known]).values_list("pk", flat=True)
        )
        people = _people([each for each in known if each.pk in seen], user)
        counted = Counter(each.job_number for each in known if each.job_number)
        return cls(
            # As cells are read: 电工（低压电工证） is found in either width of its brackets.
            areas={typed(name): pk for name, pk in Area.objects.values_list("name", "pk")},
            estates=dict(Estate.objects.visible_to(user).values_list("code", "pk")),
            trades={typed(trade.name): trade for trade in Trade.objects.all()},
            by_number={each.user.job_number: each for each in people if each.user.job_number},
            by_phone={each.user.phone: each for each in people if each.user.phone},
            doubled={number for number, times in counted.items() if times > 1},
            taken=set(User.objects.filter(username__in=numbers | phones).values_list("username", flat=True)),
            foreign={
                name
                for each in known
                if each.pk not in seen
                for name in (each.job_number, each.phone)
                if name
            },
        )

    def settle(self, line: WorkerLine) -> None:
        """Find or make the person of this row and note what it changes."""
        person = self._person(line)
        if person is None:
            return
        line.is_new = person.is_new and not person.set_by
        first = person.set_by.setdefault("row", (line.number, line.number))[1] == line.number
        if first:
            self.people.append(person)
        self._set(line, person, person.user, USER_FIELDS)
        self._set(line, person, person.worker, WORKER_FIELDS)
        self._area(line, person)
        self._estates(line, person)
        self._skills(line, person)

    def _person(self, line: WorkerLine) -> Person | None:
        number, phone = line.values.get("job_number", ""), line.values.get("phone")
        if number in self.doubled:
            line.refuse("工号", "后台有多人用这个工号，请先改正")
            return None
        for title, value in (("工号", number), ("手机号", phone)):
            if value and value in self.foreign:
                line.refuse(title, "已被您权限之外的账号使用")
                return None
        found, other = self.by_number.get(number), self.by_phone.get(phone)
        if found and other and found is not other:
            line.refuse("手机号", f"已是{other.user.full_name}的手机号")
            return None
        person = found or other
        if person is not None and other is person and not found and number and person.user.job_number:
            line.refuse("工号", f"这个手机号的工号是 {person.user.job_number}")
            return None
        return person or self._new(line, number, phone)

    def _new(self, line: WorkerLine, number: str, phone: str | None) -> Person | None:
        for name, title in (("area", "片区"), ("estates", "负责项目")):
            if name not in line.values:
                line.refuse(title, "新人必填")
        username = number or phone or ""
        if username in self.taken:
            line.refuse("工号" if number else "手机号", "已被用作登录名")
        if line.errors:
            return None
        user = User(username=username, full_name=line.values["full_name"], phone=phone, job_number=number)
        user.set_unusable_password()
        person = Person(user, Worker(user=user))
        if number:
            self.by_number[number] = person
        if phone:
            self.by_phone[phone] = person
        return person

    def _set(self, line: WorkerLine, person: Person, row: Any, fields: dict[str, str]) -> None:
        for name, title in fields.items():
            if name in line.values and self._agreed(line, person, name, title):
                value, old = line.values[name], getattr(row, name)
                if value == old or (person.is_new and row is person.user):
                    continue
                if row is person.user and person.guarded:
                    line.refuse(title, "您不能修改这个账号的资料")
                    continue
                setattr(row, name, value)
                self._note(line, person, name, title, old, value)

    def _agreed(self, line: WorkerLine, person: Person, name: str, title: str) -> bool:
        """Whether no earlier row of this person says something else."""
        value, number = person.set_by.setdefault(name, (line.values[name], line.number))
        if value != line.values[name]:
            line.refuse(title, f"与第 {number} 行同一人的{title}不一致")
        return value == line.values[name] and number == line.number

    def _note(self, line: WorkerLine, person: Person, name: str, title: str, old: Any, new: Any) -> None:
        person.changed.add(name)
        if not line.is_new:
            line.changes.append(f"{title}：{_shown(name, old)} → {_shown(name, new)}")

    def _area(self, line: WorkerLine, person: Person) -> None:
        if "area" not in line.values:
            if person.worker.area_id is None:
                line.refuse("片区", "新登记的维修人员必填")
            return
        area = self.areas.get(line.values["area"])
        if area is None:
            line.refuse("片区", "后台没有这个片区")
        elif self._agreed(line, person, "area", "片区") and person.worker.area_id != area:
            person.worker.area_id = area
            self._note(line, person, "area", "片区", "", line.values["area"])

    def _estates(self, line: WorkerLine, person: Person) -> None:
        codes = [code.upper() for code in line.values.get("estates", ())]
        if unknown := [code for code in codes if code not in self.estates]:
            line.refuse("负责项目", f"没有项目 {unknown[0]}，或不在您的权限内")
            return
        if not codes or not self._agreed(line, person, "estates", "负责项目"):
            return
        wanted, mine = {self.estates[code] for code in codes}, set(self.estates.values())
        person.add, person.drop = wanted - person.estates, (person.estates & mine) - wanted
        if not (person.add or person.drop):
            return
        if person.guarded:
            line.refuse("负责项目", "您不能修改这个账号的项目")
        elif not line.is_new:
            line.changes.append(f"负责项目改为 {'、'.join(codes)}")

    def _skills(self, line: WorkerLine, person: Person) -> None:
        for name in line.values.get("trades", ()):
            trade = self.trades.get(name)
            if trade is None:
                line.refuse("工种", f"后台没有工种“{name}”")
                continue
            skill = person.skills.get(trade.pk)
            if skill is None:
                skill = person.skills[trade.pk] = Skill(worker=person.worker, trade=trade)
                person.changed_skills[trade.pk] = skill
                if not line.is_new:
                    line.changes.append(f"新增工种：{name}")
            self._certificate(line, person, skill)

    def _certificate(self, line: WorkerLine, person: Person, skill: Skill) -> None:
        number = line.values.get("certificate")
        if not number:
            return
        dates = (line.values.get("issued_on"), line.values.get("expires_on"))
        if (number, *dates) == (skill.certificate, skill.issued_on, skill.expires_on):
            return
        key = f"certificate:{skill.trade_id}"
        if key in person.set_by:
            line.refuse("证书编号", f"与第 {person.set_by[key][1]} 行同一人同一工种重复")
            return
        person.set_by[key] = (number, line.number)
        if not line.is_new:
            line.changes.append(f"{skill.trade.name}证书：{skill.certificate or '空'} → {number}")
        # The old one is kept by the writer, who knows the row as it was.
        person.renewed[skill.trade_id] = (number, *dates)
        person.changed_skills[skill.trade_id] = skill


def _people(users: list[User], by: User) -> list[Person]:
    """The users that the sheet may mean, with their workers, estates and skills."""
    keys = [each.pk for each in users]
    workers = {
        row.user_id: row for row in Worker.objects.filter(user__in=keys).prefetch_related("skills__trade")
    }
    estates: dict[int, set[int]] = {}
    for user, estate in User.estates.through.objects.filter(user__in=keys).values_list(
        "user_id", "estate_id"
    ):
        estates.setdefault(user, set()).add(estate)
    guarded = _guarded(users, estates, by)
    found = []
    for each in users:
        worker = workers.get(each.pk) or Worker(user=each)
        skills = {row.trade_id: row for row in worker.skills.all()} if worker.pk else {}
        found.append(Person(each, worker, each.pk in guarded, estates.get(each.pk, set()), skills=skills))
    return found


def _guarded(users: list[User], estates: dict[int, set[int]], by: User) -> set[int]:
    """Accounts that `accounts.rules.may_manage` would not let this user change, in two queries for all."""
    if by.is_superuser:
        return set()
    guarded = {each.pk for each in users if each.is_superuser}
    if not by.sees_all_estates:
        mine = set(by.estate_ids())
        guarded |= {each.pk for each in users if each.all_estates or not estates.get(each.pk, set()) <= mine}
    if not rules.assigns_any_role(by):
        beyond = Permission.objects.exclude(pk__in=rules.delegable(by))
        above = User.objects.filter(Q(groups__permissions__in=beyond) | Q(user_permissions__in=beyond))
        guarded |= set(above.filter(pk__in=[each.pk for each in users]).values_list("pk", flat=True))
    return guarded


def _shown(name: str, value: Any) -> str:
    if name == "employer":
        return Worker.Employer(value).label
    if name == "grade":
        return {1: "初级", 2: "中级", 3: "高级"}[value]
    return "空" if value in (None, "") else str(value)
