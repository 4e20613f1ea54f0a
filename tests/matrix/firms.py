"""The rows of companies outside: their own phone, and the register of ours (DI-12, WA-06, WA-12)."""

from tests.matrix.row import opened, page

MANAGES = "{} engineer supervisor manager root; 403"

ROWS = {
    # -- companies outside: their own phone, and the register of ours
    "partner_enter": opened("302 outside partner; 409", path="link"),
    "partner_home": page("200 partner; 403"),
    "partner_notices": page("200 partner; 403"),
    "partner_notice": page("200 partner; 403", path="notice"),
    "partner_ticket": page("200 partner; 403", path="firm_ticket"),
    "partner_take": page("200 partner; 403", "422 partner; 403", path="firm_ticket"),
    "partner_dispute": page("200 partner; 403", "422 partner; 403", path="firm_ticket"),
    "partner_call": page("405", "422 partner; 403", path="firm_ticket"),
    "partner_called": page("403", path="firm_ticket"),
    "partner_schedule": page("200 partner; 403", "422 partner; 403", path="firm_ticket"),
    "partner_act": page("200 partner; 403", "422 partner; 403", path="firm_ticket =arrive"),
    "partners_home": page("200 firms stranger root; 403"),
    "partners_answers": page("200 firms stranger root; 403"),
    "partners_slow": page("200 firms stranger root; 403"),
    "partners_disputes": page("200 firms stranger root; 403"),
    "partners_dispute": page(MANAGES.format(200), MANAGES.format(422), path="dispute"),
    "partners_company": page("200 firms root; 404 stranger; 403", path="firm"),
    "partners_link": page(MANAGES.format(200), MANAGES.format(422), path="contact"),
    "partners_revoke": page("405", MANAGES.format(422), path="contact"),
    "partners_notice": page(MANAGES.format(200), MANAGES.format(422), path="firm"),
    "partners_letter": page(MANAGES.format(200), MANAGES.format(422), path="firm"),
    "partners_letter_file": page("200 firms root; 404 stranger; 403", path="firm_letter"),
    "partners_backup": page(
        "200 review root; 403 see partner; 404", "422 review root; 403 see partner; 404", path="firm_ticket"
    ),
}
