"""One worker with everything that is known; certificates, exams, trainings; everybody's load (DI-08)."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from core.store import RefusedFile
from dispatch import certificates, exams, facts, queries, roster_week, training, workload
from dispatch.forms import WorkerFilter
from dispatch.learning_forms import CertificateFilter, CertificateForm, ExamForm, TrainingForm
from dispatch.models import Certificate, Exam, Skill, Training, Worker
from dispatch.roster_book import days_of
from dispatch.rosters import duty_of, monday_of
from dispatch.views.queue import PER_PAGE, chosen_workers, may_dispatch
from tickets.models import Ticket
from tickets.views.files import show_file
from tickets.views.shared import act_once

may_keep_skills = permission_required("dispatch.change_skill", raise_exception=True)
may_examine = permission_required("dispatch.add_exam", raise_exception=True)
may_train = permission_required("dispatch.add_training", raise_exception=True)


def _worker_or_404(request: HttpRequest, pk: int) -> Worker:
    seen = Worker.objects.visible_to(request.user).select_related("user", "area")
    return get_object_or_404(seen, pk=pk)


@require_GET
@may_dispatch
def worker(request: HttpRequest, pk: int) -> HttpResponse:
    """Duty, week, load, certificates with their history, exams, trainings, tickets in hand."""
    return _worker(request, _worker_or_404(request, pk))


def _worker(request: HttpRequest, row: Worker, form: ExamForm | None = None) -> HttpResponse:
    at, today = now(), localdate()
    skills = row.skills.select_related("trade").prefetch_related("certificates__recorded_by")
    [week] = roster_week.rows_of([row], days_of(monday_of(today)))
    in_hand = Ticket.objects.visible_to(request.user).filter(handler=row.user_id, status__in=facts.IN_HAND)
    lacking = exams.missing_of([row])
    context = {
        "worker": row,
        "duty": duty_of([row], at=at)[row.pk],
        "load": workload.loads([row], at=at)[0],
        "week": [(cell, roster_week.day_word(cell.day)) for cell in week.cells],
        "skills": [
            (skill, queries.certificate(skill, today=today), lacking.get((row.pk, skill.trade_id), ""))
            for skill in skills
        ],
        "exams": row.exams.select_related("trade")[:20],
        "trainings": row.trainings.select_related("training").order_by("-training__held_on")[:20],
        "quarter": training.quarter_words(today),
        "hours": training.hours_of(row, on=today),
        "tickets": in_hand.select_related("estate", "fault").order_by("level", "pk")[:30],
        "may_keep_skills": request.user.has_perm("dispatch.change_skill"),
        "exam_form": (form or ExamForm()) if request.user.has_perm("dispatch.add_exam") else None,
        "crumbs": [("维修人员", reverse("dispatch_workers"))],
    }
    return render(request, "dispatch/worker.html", context, status=422 if form else 200)


@require_POST
@may_dispatch
@may_examine
def exam(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down the result of an exam."""
    row = _worker_or_404(request, pk)
    form = ExamForm(request.POST)
    if not form.is_valid():
        return _worker(request, row, form)
    facts_of = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}

    def act() -> str:
        with transaction.atomic():
            Exam.objects.create(worker=row, **facts_of)
        messages.success(request, "考核成绩已登记。")
        return reverse("dispatch_worker", args=[row.pk])

    try:
        return act_once(request, form, act, back_url=reverse("dispatch_worker", args=[row.pk]))
    except IntegrityError:
        form.add_error("taken_on", "这一天的这个科目已经登记过成绩。")
        return _worker(request, row, form)


@require_http_methods(["GET", "POST"])
@may_dispatch
@may_keep_skills
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Record or renew the certificate of a skill, with a scan."""
    seen = Skill.objects.visible_to(request.user).select_related("worker__user", "trade")
    skill = get_object_or_404(seen, pk=pk)
    form = CertificateForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    back = reverse("dispatch_worker", args=[skill.worker_id])
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data

        def act() -> str:
            certificates.record(
                skill=skill,
                number=chosen["number"],
                issued_on=chosen["issued_on"],
                expires_on=chosen["expires_on"],
                scans=chosen["scan"],
                by=request.user,
                at=now(),
            )
            messages.success(request, f"{skill.worker}的{skill.trade}证书已登记，原证书留在历史里。")
            return back

        try:
            return act_once(request, form, act, back_url=back)
        except RefusedFile as error:
            form.add_error("scan", str(error))
    context = {
        "form": form,
        "skill": skill,
        "crumbs": [("维修人员", reverse("dispatch_workers")), (str(skill.worker), back)],
    }
    return render(request, "dispatch/certificate.html", context, status=422 if form.is_bound else 200)


@require_safe
@may_dispatch
def scan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The scan of a certificate: a picture made anew, or the PDF as it came."""
    row = get_object_or_404(Certificate.objects.visible_to(request.user), pk=pk)
    return show_file(request, row)


@require_GET
@may_dispatch
def certificate_list(request: HttpRequest) -> HttpResponse:
    """Everybody's certificates by expiry."""
    form, today = CertificateFilter(request.GET, user=request.user), localdate()
    chosen = form.cleaned_data if form.is_valid() else {}
    found = certificates.expiring(request.user)
    if chosen.get("estate"):
        found = found.filter(worker__in=facts.workers_of(chosen["estate"].pk).values("pk"))
    if chosen.get("show") == "expired":
        found = found.filter(expires_on__lt=today)
    elif chosen.get("show") == "soon":
        found = found.filter(expires_on__range=(today, today + timedelta(days=queries.WARN_DAYS)))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [(skill, queries.certificate(skill, today=today)) for skill in page],
        "may_keep_skills": request.user.has_perm("dispatch.change_skill"),
    }
    return render(request, "dispatch/certificates.html", context)


@require_GET
@may_dispatch
def trainings(request: HttpRequest) -> HttpResponse:
    """The sessions, and who has missed this quarter's."""
    today = localdate()
    found = Training.objects.visible_to(request.user).select_related("recorded_by")
    found = found.annotate(people=Count("attendances")).order_by("-held_on", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    missing = training.missing(request.user, on=today).select_related("user", "area")
    context = {
        "page_obj": page,
        "missing": list(missing.order_by("area__code", "user__full_name", "pk")),
        "quarter": training.quarter_words(today),
        "may_train": request.user.has_perm("dispatch.add_training"),
    }
    return render(request, "dispatch/trainings.html", context)


@require_http_methods(["GET", "POST"])
@may_dispatch
@may_train
def train(request: HttpRequest) -> HttpResponse:
    """Write down a session with who was there."""
    people = list(_own_people(request))
    form = TrainingForm(request.POST if request.method == "POST" else None, workers=people)
    if request.method == "POST" and form.is_valid():
        facts_of = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}

        def act() -> str:
            row = training.record(attended=form.attended, by=request.user, **facts_of)
            messages.success(request, f"培训“{row.topic}”已登记，{len(form.attended)} 人参加。")
            return reverse("dispatch_trainings")

        return act_once(request, form, act, back_url=reverse("dispatch_trainings"))
    context = {"form": form, "crumbs": [("培训", reverse("dispatch_trainings"))]}
    return render(request, "dispatch/training_new.html", context, status=422 if form.is_bound else 200)


def _own_people(request: HttpRequest) -> QuerySet[Worker]:
    seen = Worker.objects.visible_to(request.user).filter(user__is_active=True)
    # Two inputs a person, and a form of a thousand inputs is refused.
    return seen.select_related("user", "area").order_by("employer", "area__code", "user__full_name", "pk")[
        :400
    ]


@require_GET
@may_dispatch
def load(request: HttpRequest) -> HttpResponse:
    """Capacity, in hand, booked hours and reserve of everybody whom the filter leaves."""
    form = WorkerFilter(request.GET, user=request.user)
    found = Worker.objects.visible_to(request.user).filter(user__is_active=True)
    if form.is_valid():
        found = chosen_workers(found, form.cleaned_data)
    found = found.select_related("user", "area").order_by("area__code", "employer", "user__full_name", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "loads": workload.loads(list(page), at=now()),
        "full_day": workload.FULL_DAY,
    }
    return render(request, "dispatch/load.html", context)
