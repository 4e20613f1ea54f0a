"""Who gets which answer at which address: the whole permission matrix in one place (OR-01, T01, T02).

A rule reads "200 desk root; 404 idle; 403": the first part that names a person
holds, the last one is for all others. Who is not signed in is sent to the login
page, except where the row is OPEN and the rule speaks for them as well.

POST is asked with an empty form: 422 means "you may, but fill it in", and
nothing is written. Addresses that are not in this table fail the test; those of the
admin's models stand in tests.matrix.admin.
"""

from tests.matrix import firms, hands
from tests.matrix.hands import LISTS
from tests.matrix.row import Row, opened, page

GROUPS = {
    "outside": "anonymous link owner phone",
    "desk": "front_desk clerk dispatcher engineer supervisor manager housekeeper",
    "see": "desk director auditor",
    "field": "worker idle contractor third_party partner",
    "firms": "clerk dispatcher engineer supervisor manager director auditor",
    "review": "dispatcher supervisor manager",
    "follow": "front_desk clerk supervisor manager housekeeper",
    "staff": "clerk supervisor manager sysadmin auditor root",
}
# "idle" is a worker without a ticket, "stranger" a dispatcher of another estate, "worker" the handler,
# "link" somebody with the owner's link who has not given the phone digits, "owner" one who has,
# "partner" the contact of a contractor that has a ticket here, by a personal link,
# "phone" somebody who signed in with the reporter's phone by a code.
NAMES = """
anonymous link owner phone front_desk clerk dispatcher engineer supervisor manager housekeeper
worker idle contractor third_party partner director sysadmin auditor stranger root
"""
PEOPLE = NAMES.split()
LOGIN = 302


OWNERS = "200 owner phone; 403 link; 404"
OWNERS_FORM = "422 owner phone; 403 link; 404"
SIGNED_IN = "200 phone; 302"
ANSWERS = "{} front_desk clerk supervisor manager housekeeper root; 403 see; 404"
DIRECTS = "{} director root; 403 see; 404"
JUDGES = "{} engineer supervisor manager root; 404 stranger; 403"
PLANS_JOINT = "{} engineer dispatcher supervisor manager root; 404 stranger; 403"
REGISTERS = "desk stranger root"
TIES_STEP = (
    "200 desk root; 403 director auditor worker; 404",
    "422 desk root; 403 director auditor worker; 404",
)
CASE_FORM = "422 desk root; 404 stranger; 403"
# Incidents, cases and care tasks: written by the desks of the estate.
TIES_FORM = ("200 desk root; 404 stranger; 403", "422 desk root; 404 stranger; 403")
IMPORTS = "clerk supervisor manager root"
ROUNDS = f"{REGISTERS} worker idle"
KEEPS_BOOK = "{} clerk manager sysadmin root; 403 staff; 302"

ROWS = (
    firms.ROWS
    | hands.ROWS
    | {
        # -- machines and the front door
        "health_live": opened("200"),
        "health_ready": opened("200"),
        "health_worker": opened("503"),
        "metrics": opened("200"),
        "home": opened("302"),
        "ui": page("200 staff; 403", "422 staff; 403"),
        # -- the own account
        "account_login": opened("200 outside; 302", "422 outside; 302"),
        "mfa_authenticate": opened("302", "302"),
        "account_logout": opened("302 outside; 200", "302"),
        "me": page("200"),
        # Who came by a personal link has no password to change or to confirm things by.
        "account_change_password": page("403 partner; 200", "403 partner; 422"),
        "account_reauthenticate": page("403 partner; 200", "403 partner; 422"),
        "mfa_reauthenticate": page("403 partner; 302", "403 partner; 302"),
        "mfa_index": page("200"),
        "mfa_activate_totp": page("200 partner; 302", "422 partner; 302"),
        "mfa_deactivate_totp": page("404", "404"),
        "mfa_view_recovery_codes": page("404"),
        "mfa_generate_recovery_codes": page("200 partner; 302", "200 partner; 302"),
        "mfa_download_recovery_codes": page("404", "404"),
        # -- the inbox: the message is the manager's
        "inbox": page("200"),
        "inbox_count": page("200"),
        "inbox_read_all": page("405", "302"),
        "inbox_open": page("405", "302 manager; 404", path="message"),
        "inbox_read": page("405", "302 manager; 404", path="message"),
        # -- the desk
        "desk_home": page(LISTS),
        "desk_board": page(LISTS),
        "desk_find": page(LISTS),
        "desk_search": page(LISTS),
        "desk_tickets": page(LISTS),
        "desk_follow_ups": page("200 follow root; 403"),
        "desk_inspections": page("200 engineer supervisor manager root; 403"),
        "desk_incoming": page(f"200 {REGISTERS}; 403"),
        "desk_incoming_item": page("200 desk root; 404 stranger; 403", path="incoming"),
        "desk_incoming_dismiss": page("405", "422 desk root; 404 stranger; 403", path="incoming"),
        "desk_incoming_add": page("405", "422 desk root; 404 stranger; 403", path="incoming"),
        "desk_incoming_restore": page("405", "422 desk root; 404 stranger; 403", path="incoming"),
        "incoming_file": page("200 desk root; 404 stranger; 403", path="incoming_file"),
        "incoming_thumb": page("200 desk root; 404 stranger; 403", path="incoming_file"),
        "desk_cases": page(LISTS),
        "desk_case": page("200 see root; 404 stranger; 403", path="case"),
        "case_change": page("405", CASE_FORM, path="case"),
        "case_join": page("405", CASE_FORM, path="case"),
        "desk_care": page("200 supervisor manager housekeeper root; 403"),
        "desk_care_task": page(
            "200 supervisor manager housekeeper root; 403",
            "422 supervisor manager housekeeper root; 403",
            path="care",
        ),
        # -- whose fault it is, and what is done in person
        "desk_errands": page("200 supervisor manager housekeeper root; 403"),
        "desk_responsibility": page("200 engineer supervisor manager root; 403"),
        "ticket_responsibility": page(
            "200 see root; 404 stranger; 403", JUDGES.format(422), path="in_review"
        ),
        "ticket_joint": page(PLANS_JOINT.format(200), PLANS_JOINT.format(422), path="in_review"),
        "desk_joint": page(
            "200 see root; 404 stranger; 403", "422 desk root; 404 stranger; 403", path="joint"
        ),
        "joint_cancel": page("405", "422 desk root; 404 stranger; 403", path="joint"),
        "ticket_errand": page(
            "200 see root; 403 worker; 404",
            "422 supervisor manager housekeeper root; 403 see worker; 404",
            path="scheduled =closed_door",
        ),
        "desk_incidents": page(LISTS),
        "incident_new": page(f"200 {REGISTERS}; 403", f"422 {REGISTERS}; 403"),
        "desk_incident": page("200 see root; 404 stranger; 403", path="incident"),
        "incident_change": page(*TIES_FORM, path="incident"),
        "incident_end": page("405", TIES_FORM[1], path="incident"),
        "incident_attach": page("405", TIES_FORM[1], path="incident"),
        "intake_related": page(f"200 {REGISTERS}; 403", query="unit"),
        "desk_intake": page(f"200 {REGISTERS}; 403", f"422 {REGISTERS}; 403"),
        "intake_units": page(f"200 {REGISTERS}; 403"),
        "intake_unit": page("200 desk root; 404 stranger; 403", path="unit"),
        "intake_place": page(f"200 {REGISTERS}; 403"),
        "intake_repeats": page(f"200 {REGISTERS}; 403"),
        "intake_faults": page(f"200 {REGISTERS}; 403"),
        "intake_fault": page(f"200 {REGISTERS}; 403", path="fault"),
        # -- one ticket
        "ticket": page("200 see worker root; 404", path="scheduled"),
        "ticket_complete": page(
            "200 desk root; 404 stranger; 403", "422 desk root; 404 stranger; 403", path="incomplete"
        ),
        "ticket_unreached": page("405", "422 desk root; 404 stranger; 403", path="incomplete"),
        "ticket_follow_up": page(
            "200 follow root; 403 see worker; 404", "422 follow root; 403 see worker; 404", path="completed"
        ),
        "ticket_comment": page("405", "422 desk worker root; 403 director auditor; 404", path="scheduled"),
        "ticket_files": page(*TIES_STEP, path="scheduled"),
        "ticket_destructive": page(*(rule.replace("worker", "") for rule in TIES_STEP), path="incomplete"),
        "ticket_follow": page(*TIES_STEP, path="scheduled"),
        "ticket_case": page(*TIES_STEP, path="scheduled"),
        "ticket_urge": page(
            "200 desk root; 403 director auditor worker; 404",
            "422 desk root; 403 director auditor worker; 404",
            path="scheduled",
        ),
        "ticket_level": page(
            "200 clerk review engineer root; 403 see worker; 404",
            "422 clerk review engineer root; 403 see worker; 404",
            path="scheduled",
        ),
        "ticket_explain": page(
            "200 desk worker root; 403 director auditor; 404",
            "422 desk worker root; 403 director auditor; 404",
            path="scheduled late",
        ),
        "ticket_phone": page("405", "422 desk worker root; 403 director auditor; 404", path="scheduled"),
        "ticket_step": page(
            "200 clerk supervisor manager root; 403 see worker; 404",
            "422 clerk supervisor manager root; 403 see worker; 404",
            path="closed =archive",
        ),
        # -- kinds and classes
        "intake_kind": page("405", f"200 {REGISTERS}; 403"),
        "desk_approvals": page("200 supervisor manager director root; 403"),
        "ticket_sheet": page(
            "200 desk root; 403 director auditor; 404",
            "422 desk root; 403 director auditor; 404",
            path="planned =quote",
        ),
        "ticket_contact": page(ANSWERS.format(200), ANSWERS.format(422), path="complaint"),
        "ticket_reply": page(ANSWERS.format(200), ANSWERS.format(422), path="complaint"),
        "ticket_class": page(
            "200 clerk review engineer root; 403 see worker; 404",
            "422 clerk review engineer root; 403 see worker; 404",
            path="scheduled",
        ),
        "ticket_overrun": page(
            "200 supervisor manager root; 403 see; 404",
            "422 supervisor manager root; 403 see; 404",
            path="important",
        ),
        "ticket_answer": page(DIRECTS.format(200), DIRECTS.format(422), path="accident"),
        "ticket_statement": page(
            "200 engineer supervisor manager root; 403 see; 404",
            "422 engineer supervisor manager root; 403 see; 404",
            path="accident",
        ),
        "ticket_statement_decide": page(DIRECTS.format(200), DIRECTS.format(422), path="explained"),
        # -- the owner's phone
        "owner_enter": opened("302", path="token"),
        "owner_ticket": opened("200 link owner phone; 404", path="scheduled"),
        "owner_verify": opened("405", "302 owner phone; 422 link; 404", path="scheduled"),
        "owner_urge": opened("405", OWNERS_FORM, path="scheduled"),
        "owner_comment": opened("405", OWNERS_FORM, path="scheduled"),
        "owner_plan": opened(OWNERS, OWNERS_FORM, path="owner_consent"),
        "owner_refuse_plan": opened(OWNERS, OWNERS_FORM, path="owner_consent"),
        "owner_acceptance": opened(OWNERS, OWNERS_FORM, path="owner_acceptance"),
        "owner_refuse_acceptance": opened(OWNERS, OWNERS_FORM, path="owner_acceptance"),
        "evidence": opened("200 see worker owner phone root; 404", path="photo"),
        "evidence_thumb": opened("200 see worker owner phone root; 404", path="photo"),
        # -- what came in without the desk, and the codes on the walls
        "desk_online": page(f"200 {REGISTERS}; 403"),
        "desk_acknowledge": page("405", "422 desk root; 403 director auditor; 404", path="in_review"),
        "desk_qr": page(LISTS),
        # -- the owner's own door: whoever has a phone may come in
        "owner_home": opened("200"),
        "owner_scan": opened("302", path="place_code"),
        "owner_login": opened("200", "422"),
        "owner_code": opened("302", "302"),
        "owner_captcha_sound": opened("404"),
        "owner_resend": opened("405", "302"),
        "owner_logout": opened("405", "302"),
        "owner_report": opened(SIGNED_IN, "422 phone; 302"),
        "owner_matter": opened(SIGNED_IN, "422 phone; 302", path="=complaint"),
        "owner_faults": opened(SIGNED_IN),
        "owner_advice": opened(SIGNED_IN),
        "owner_reports": opened(SIGNED_IN),
        # Only what hangs at the scanned place can be followed; nobody of the matrix has scanned one.
        "owner_follow": opened("405", "404 phone; 302", path="scheduled"),
        # -- rounds, and what the other ports pass on
        "history_home": page(f"200 {IMPORTS}; 403", f"422 {IMPORTS}; 403"),
        "history_sample": page(f"200 {IMPORTS}; 403"),
        "history_job": page("200 manager root; 404 clerk supervisor; 403", path="import"),
        "history_confirm": page("405", "422 manager root; 404 clerk supervisor; 403", path="import"),
        "patrol_new": page(f"200 {ROUNDS}; 403", f"422 {ROUNDS}; 403"),
        "patrol_places": page(f"200 {ROUNDS}; 403"),
        "patrol_faults": page(f"200 {ROUNDS}; 403"),
        "patrol_mine": page(f"200 {ROUNDS}; 403"),
        "relay_list": page(LISTS),
        "relay_new": page(f"200 {REGISTERS}; 403", f"422 {REGISTERS}; 403"),
        "relay_places": page(f"200 {REGISTERS}; 403"),
        "relay_receive": page("405", "422 review engineer root; 404 stranger; 403", path="in_review"),
        # -- machines sign, nobody signs in
        "sensor_alarm": opened("405", "401"),
        # -- WeChat, which is off
        "wechat": opened("404", "404"),
        "wechat_enter": opened("404", "404"),
        "wechat_back": opened("404", "404"),
        # -- reports: the run is the manager's
        "reports_home": page(LISTS, "422 clerk engineer supervisor manager director root; 403"),
        "reports_forecast": page(LISTS),
        "report_run": page("200 manager root; 403 field sysadmin; 404", path="run"),
        "report_restart": page(
            "405", "422 manager root; 404 clerk engineer supervisor director; 403", path="run"
        ),
        "report_download": page("200 manager root; 403 field sysadmin; 404", path="run"),
        "reports_behind": page(LISTS, path="=received", query="month"),
        "reports_export": page(
            "200 clerk engineer supervisor manager director root; 403", path="=received =xlsx", query="month"
        ),
        # -- the admin's own pages; whoever may not enter is sent to its door, which says no
        "admin:index": page("200 staff; 302", "200 staff; 302"),
        "admin:login": opened("302 outside staff; 403", "302 outside staff; 403"),
        "admin:logout": page("200 staff; 302", "302"),
        "admin:password_change": page("302", "302"),
        "admin:password_change_done": page("200 staff; 302", "405 staff; 302"),
        "admin:autocomplete": page("403 staff; 302", "405 staff; 302"),
        "admin:jsi18n": page("200 staff; 302", "405 staff; 302"),
        "admin:view_on_site": page("404 staff; 302", "404 staff; 302", path="=0 =0"),
        "admin:app_list": page("200 staff; 302", "200 staff; 302", path="=tickets"),
        "admin:auth_user_password_change": page(
            "200 manager sysadmin root; 403 staff; 302",
            "200 manager sysadmin root; 403 staff; 302",
            path="user",
        ),
        "admin:estates_unit_import": page(KEEPS_BOOK.format(200), KEEPS_BOOK.format(422)),
        "admin:estates_unit_process_import": page("405 staff; 302", KEEPS_BOOK.format(302)),
        "admin:estates_unit_import_sample": page(KEEPS_BOOK.format(200), KEEPS_BOOK.format(200)),
        "admin:estates_unit_export": page(KEEPS_BOOK.format(200), KEEPS_BOOK.format(422)),
        "admin:channels_device_secret": page(
            "200 manager sysadmin root; 403 staff; 302",
            "200 manager sysadmin root; 403 staff; 302",
            path="device",
        ),
        "admin:tickets_policyset_explain": page(
            "200 clerk supervisor manager sysadmin auditor root; 403 staff; 302",
            "200 clerk supervisor manager sysadmin auditor root; 403 staff; 302",
        ),
        "admin:tickets_ticket_step": page(
            "200 clerk supervisor manager root; 403 staff; 302",
            "422 clerk supervisor manager root; 403 staff; 302",
            path="closed_pk =archive",
        ),
    }
)

# Rows that belong to one person: for others they are not there, even where they may see the list.
PERSONAL = {"reports.reportrun": "manager root"}

# Doors for machines: a signature over the body stands for the session and its token.
SIGNED = {"sensor_alarm", "wechat"}

# GETs that write something besides the session, and why they may.
WRITES_ON_GET = {
    "health_ready": "writes into the cache to see whether it can be written",
    "owner_enter": "counts misses and gives the session its grant",
    "partner_enter": "counts misses, signs the contact in and writes the visit down",
    "partner_home": "writes the visit down",
    "partner_notice": "opening a letter is its receipt",
}


def everybody_in(words: str) -> set[str]:
    """The people whom these names and groups mean."""
    found = set()
    for word in words.split():
        found |= everybody_in(GROUPS[word]) if word in GROUPS else {word}
    return found


def expected(row: Row, rule: str, who: str) -> int:
    """The status this person should get."""
    if not row.open and who in everybody_in("outside"):
        return LOGIN
    for part in rule.split(";"):
        status, _, words = part.strip().partition(" ")
        if not words or who in everybody_in(words):
            return int(status)
    raise LookupError(f"{rule} says nothing of {who}")
