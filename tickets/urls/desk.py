"""The front desk and the page of a ticket."""

from django.urls import path

from tickets.views import beside, board, delays, desk, incidents, incoming, intake, related, ticket

urlpatterns = [
    path("", desk.home, name="desk_home"),
    path("board/", board.show, name="desk_board"),
    path("search/", desk.search, name="desk_search"),
    path("tickets/", desk.ticket_list, name="desk_tickets"),
    path("follow-ups/", desk.follow_ups, name="desk_follow_ups"),
    path("inspections/", desk.inspections, name="desk_inspections"),
    path("incoming/", incoming.listing, name="desk_incoming"),
    path("incoming/<uuid:pk>/", incoming.detail, name="desk_incoming_item"),
    path("incoming/<uuid:pk>/dismiss/", incoming.dismiss, name="desk_incoming_dismiss"),
    path("incoming/<uuid:pk>/restore/", incoming.restore, name="desk_incoming_restore"),
    path("incoming/files/<uuid:pk>/", incoming.file, name="incoming_file"),
    path("incoming/files/<uuid:pk>/thumb/", incoming.thumb, name="incoming_thumb"),
    path("incidents/", incidents.index, name="desk_incidents"),
    path("incidents/new/", incidents.new, name="incident_new"),
    path("incidents/<int:pk>/", incidents.detail, name="desk_incident"),
    path("incidents/<int:pk>/change/", incidents.change, name="incident_change"),
    path("incidents/<int:pk>/end/", incidents.end, name="incident_end"),
    path("incidents/<int:pk>/attach/", incidents.attach, name="incident_attach"),
    path("intake/related/", related.beside_call, name="intake_related"),
    path("intake/", intake.new, name="desk_intake"),
    path("intake/units/", beside.find_unit, name="intake_units"),
    path("intake/places/", beside.place_panel, name="intake_place"),
    path("intake/units/<int:pk>/", beside.unit_panel, name="intake_unit"),
    path("intake/faults/", beside.find_fault, name="intake_faults"),
    path("intake/faults/<int:pk>/", beside.fault_panel, name="intake_fault"),
    path("intake/repeats/", beside.repeats_panel, name="intake_repeats"),
    path("t/<str:number>/", ticket.detail, name="ticket"),
    path("t/<str:number>/complete/", intake.complete, name="ticket_complete"),
    path("t/<str:number>/unreached/", intake.unreached, name="ticket_unreached"),
    path("t/<str:number>/follow-up/", ticket.follow_up, name="ticket_follow_up"),
    path("t/<str:number>/comment/", ticket.comment, name="ticket_comment"),
    path("t/<str:number>/urge/", ticket.urge, name="ticket_urge"),
    path("t/<str:number>/level/", ticket.level, name="ticket_level"),
    path("t/<str:number>/late/<int:pk>/", delays.explain, name="ticket_explain"),
    path("t/<str:number>/phone/", ticket.reveal_phone, name="ticket_phone"),
    path("t/<str:number>/step/<slug:name>/", ticket.step, name="ticket_step"),
]
