"""The live board on a desk's screen and on the wall (SL-07)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from tickets import board
from tickets.forms.board import BoardFilter
from tickets.views.desk import may_see_desk


@require_GET
@may_see_desk
@vary_on_headers("HX-Request")
def show(request: HttpRequest) -> HttpResponse:
    """The board; it asks for itself every 15 seconds and gets 204 while nothing has changed."""
    at = now()
    stamp = board.stamp(now=at)
    if request.htmx and request.GET.get("seen") == stamp:
        return HttpResponse(status=204)
    form = BoardFilter(request.GET, user=request.user)
    choice, wall = form.choice(), "wall" in request.GET
    tickets = board.tickets_of(request.user, choice)
    cards = board.CARDS_ON_WALL if wall else board.CARDS
    columns = board.columns(tickets, choice, now=at, cards=cards)
    query = request.GET.copy()
    query.pop("seen", None)
    context = {
        "form": form,
        "choice": choice,
        "columns": columns,
        "figures": board.figures(tickets, columns, now=at),
        "now": at,
        "stamp": stamp,
        "query": query.urlencode(),
        "wall": wall,
    }
    if request.htmx:
        return render(request, "tickets/_board.html", context)
    return render(request, "tickets/board_wall.html" if wall else "tickets/board.html", context)
