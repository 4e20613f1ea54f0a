"""Writes a plan of `dispatch.worker_book` in one piece (IN-16)."""

from django.db import connection, transaction

from accounts.models import Role, User
from accounts.services import assign_role
from dispatch.models import Certificate, Skill, Worker
from dispatch.worker_book import ROLE, USER_FIELDS, WORKER_FIELDS, Person, Plan
from estates.columns import typed
from estates.house_book import INVALID
from estates.services import BATCH_SIZE
from warranty.models import Contractor

# Two people who confirm at once: the second sees what the first has written.
_LOCK = 0x776F726B  # "work"


def lock() -> None:
    """Wait for another import to end; call it in a transaction, which holds the lock to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def write(plan: Plan, *, by: User) -> None:
    """Write a plan without errors; raises ValueError when it has some."""
    if plan.totals[INVALID]:
        raise ValueError("a plan with errors is not written")
    new = [each for each in plan.people if each.is_new]
    old = [each for each in plan.people if not each.is_new]
    User.objects.bulk_create([each.user for each in new], batch_size=BATCH_SIZE)
    _give_role(new, old)
    changed = [each.user for each in old if each.changed & USER_FIELDS.keys()]
    User.objects.bulk_update(changed, list(USER_FIELDS), batch_size=BATCH_SIZE)
    _write_estates(plan.people)
    _write_workers(plan.people)
    _write_skills(plan, by)


def _give_role(new: list[Person], old: list[Person]) -> None:
    group = Role.objects.get(code=ROLE).group_id
    member = User.groups.through
    member.objects.bulk_create(
        [member(user_id=each.user.pk, group_id=group) for each in new], batch_size=BATCH_SIZE
    )
    # Who becomes a worker only now; their sessions end, as with every new role.
    for each in old:
        if each.worker.pk is None:
            assign_role(user=each.user, code=ROLE)


def _write_estates(people: list[Person]) -> None:
    through = User.estates.through
    for each in people:
        if each.drop:
            through.objects.filter(user=each.user, estate__in=each.drop).delete()
    through.objects.bulk_create(
        [through(user_id=each.user.pk, estate_id=pk) for each in people for pk in each.add],
        batch_size=BATCH_SIZE,
        ignore_conflicts=True,
    )


def _write_workers(people: list[Person]) -> None:
    for each in people:
        # The key of a user that was new is known only now.
        each.worker.user = each.user
    _name_companies(people)
    fresh = [each.worker for each in people if each.worker.pk is None]
    known = [each.worker for each in people if each.worker.pk and each.changed - USER_FIELDS.keys()]
    Worker.objects.bulk_create(fresh, batch_size=BATCH_SIZE)
    Worker.objects.bulk_update(known, [*WORKER_FIELDS, "area", "contractor"], batch_size=BATCH_SIZE)


def _name_companies(people: list[Person]) -> None:
    """A company that the sheet names is a row of its own, made when it is new (WA-06).

    Names are compared as cells are read: 宏基（集团） with wide brackets is no second company.
    """
    outside = [each.worker for each in people if each.worker.company and each.worker.employer != "own"]
    kinds = {typed(worker.company): worker.employer for worker in outside}
    if not kinds:
        return
    known = _companies()
    missing = [Contractor(name=name, kind=kind) for name, kind in kinds.items() if name not in known]
    if missing:
        Contractor.objects.bulk_create(missing, ignore_conflicts=True)
        known = _companies()
    for worker in outside:
        worker.contractor = known[typed(worker.company)]


def _companies() -> dict[str, Contractor]:
    """Every company by its name; of two that read alike the older."""
    return {typed(row.name): row for row in Contractor.objects.order_by("-pk")}


def _write_skills(plan: Plan, by: User) -> None:
    skills = [(each, skill) for each in plan.people for skill in each.changed_skills.values()]
    history: list[tuple] = []
    for person, skill in skills:
        skill.worker = person.worker
        renewed = person.renewed.get(skill.trade_id)
        if renewed is None:
            continue
        if skill.certificate:
            history.append((skill, skill.certificate, skill.issued_on, skill.expires_on, None))
        skill.certificate, skill.issued_on, skill.expires_on = renewed
        history.append((skill, *renewed, by))
    Skill.objects.bulk_create([each for _, each in skills if each.pk is None], batch_size=BATCH_SIZE)
    known = [each for _, each in skills if each.pk]
    Skill.objects.bulk_update(known, ["certificate", "issued_on", "expires_on"], batch_size=BATCH_SIZE)
    _write_history(history, plan)


def _write_history(history: list[tuple], plan: Plan) -> None:
    """What was issued, and what it took the place of where that was never written down."""
    written = set(
        Certificate.objects.filter(skill__in={skill.pk for skill, *_ in history}).values_list(
            "skill", "number"
        )
    )
    rows = [
        Certificate(
            skill=skill, number=number, issued_on=begin, expires_on=end, recorded_by=who, recorded_at=plan.at
        )
        for skill, number, begin, end, who in history
        if who is not None or (skill.pk, number) not in written
    ]
    Certificate.objects.bulk_create(rows, batch_size=BATCH_SIZE)
