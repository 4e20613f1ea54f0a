"""The rows of dispatch and its neighbours: review, rosters, emergencies, the day's plan, phones, requests."""

from tests.matrix.row import page

LISTS = "200 see stranger root; 403"
REVIEW = "403 front_desk clerk engineer housekeeper director auditor; {} review root; 404"
HANDLER = "404 idle contractor third_party partner; {} worker; 403"
COMMANDS = "{} supervisor manager root; 403"
DAY_PLAN = "{} review root; 404 stranger; 403"
KNOWS = "{} review root; 404 stranger; 403"
DECIDES = "{} supervisor manager root; 403 dispatcher; 404 stranger; 403"
PLANS = "{} supervisor manager root; 403"
# Asking other departments is for those who work on tickets; front desk and housekeepers look on.
COORDINATES = "clerk dispatcher engineer supervisor manager root"
COORDINATION = (f"{{}} {COORDINATES}; 403 see worker; 404", f"422 {COORDINATES}; 404 stranger; 403")
SEES_COORDINATION = "200 see root; 404 stranger; 403"
WEEKLY = "422 clerk supervisor manager root; 403"

ROWS = {
    # -- dispatch
    "dispatch_queue": page("200 review stranger root; 403"),
    "dispatch_workers": page("200 review stranger root; 403"),
    # -- emergencies: every desk sees them, supervisor and manager command
    "emergencies": page(LISTS),
    "emergency_new": page("200 supervisor manager root; 403", "422 supervisor manager root; 403"),
    "emergency": page("200 see root; 404 stranger; 403", path="emergency"),
    "emergency_held": page("200 see root; 404 stranger; 403", path="emergency"),
    "emergency_order": page("405", COMMANDS.format(422), path="emergency"),
    "emergency_move_end": page(COMMANDS.format(200), COMMANDS.format(422), path="emergency"),
    "emergency_end": page(COMMANDS.format(200), COMMANDS.format(422), path="emergency"),
    "emergency_squad": page(COMMANDS.format(200), COMMANDS.format(422), path="emergency"),
    "emergency_supplies": page(COMMANDS.format(200), COMMANDS.format(422), path="emergency"),
    "emergency_checks": page(COMMANDS.format(200), COMMANDS.format(422), path="emergency"),
    "emergency_except": page(
        "200 review root; 404 stranger; 403", "422 review root; 404 stranger; 403", path="emergency scheduled"
    ),
    "emergency_record": page(
        "200 see root; 404 stranger; 403",
        "422 supervisor manager root; 404 stranger; 403",
        path="emergency_over",
    ),
    "emergency_decide": page("405", "422 manager root; 404 stranger; 403", path="emergency_over"),
    "emergency_print": page("200 see root; 404 stranger; 403", path="emergency_over"),
    "dispatch_punctuality": page(LISTS),
    "dispatch_punctual_visits": page(LISTS),
    "dispatch_punctual_export": page(
        "200 clerk engineer supervisor manager director root; 403", path="=xlsx"
    ),
    "dispatch_card": page("200 see worker root; 404", path="scheduled"),
    "dispatch_schedule": page(
        "200 review root; 404 stranger; 403", "422 review root; 404 stranger; 403", path="scheduled"
    ),
    "dispatch_review": page(REVIEW.format(200), path="in_review"),
    "dispatch_approve": page("405", REVIEW.format(422), path="in_review"),
    "dispatch_change": page("405", REVIEW.format(422), path="in_review"),
    "dispatch_send_back": page("405", REVIEW.format(422), path="in_review"),
    "dispatch_renew": page("405", REVIEW.format(302), path="in_review"),
    "dispatch_reassign": page(
        "200 review root; 403 see worker; 404", "422 review root; 403 see worker; 404", path="scheduled"
    ),
    # -- sent first and reviewed after, several at once, what workers take themselves
    "dispatch_approve_all": page("405", "302 review stranger root; 403"),
    "dispatch_send_first": page("405", "302 desk root; 403 director auditor; 404", path="in_review"),
    "dispatch_after": page("200 review root; 403 see worker; 404", path="scheduled"),
    "dispatch_after_confirm": page("405", "422 review root; 403 see worker; 404", path="scheduled"),
    "dispatch_after_wrong": page("405", "422 review root; 403 see worker; 404", path="scheduled"),
    "field_pool": page("200 field root; 403"),
    "field_take": page("405", "302 worker idle partner; 404 contractor third_party root; 403", path="offer"),
    "disagreement": page("200 review stranger root; 403"),
    "disagreement_tickets": page("200 review stranger root; 403", query="figure"),
    "disagreement_export": page("200 supervisor manager root; 403", query="figure"),
    # -- the day's plan
    "planning_home": page("200 review stranger root; 403", "422 review stranger root; 403"),
    "planning_plan": page(DAY_PLAN.format(200), path="plan"),
    "planning_restart": page("405", DAY_PLAN.format(422), path="plan"),
    "planning_move": page("405", DAY_PLAN.format(422), path="plan"),
    "planning_undo": page("405", DAY_PLAN.format(422), path="plan"),
    "planning_confirm": page("405", DAY_PLAN.format(422), path="plan"),
    # -- who can go: rosters, leave, learning, load, import
    "dispatch_worker": page(KNOWS.format(200), path="hand"),
    "dispatch_exam": page("405", PLANS.format(422), path="hand"),
    "dispatch_certificate": page(PLANS.format(200), PLANS.format(422), path="skill"),
    "dispatch_certificate_scan": page(KNOWS.format(200), path="certificate"),
    "dispatch_certificates": page("200 review stranger root; 403"),
    "dispatch_trainings": page("200 review stranger root; 403"),
    "dispatch_train": page("200 supervisor manager root; 403", "422 supervisor manager root; 403"),
    "dispatch_load": page("200 review stranger root; 403"),
    "dispatch_roster": page("200 review stranger root; 403"),
    "dispatch_roster_save": page("405", "422 supervisor manager root; 403"),
    "dispatch_roster_copy": page("405", "422 supervisor manager root; 403"),
    "dispatch_roster_print": page("200 review stranger root; 403"),
    "dispatch_roster_day": page("200 review stranger root; 403"),
    "dispatch_leaves": page("200 review stranger root; 403"),
    "dispatch_leave_new": page("200 supervisor manager root; 403", "422 supervisor manager root; 403"),
    "dispatch_leave": page(KNOWS.format(200), DECIDES.format(422), path="leave"),
    "dispatch_import": page("200 supervisor manager root; 403", "422 supervisor manager root; 403"),
    "dispatch_import_confirm": page("405", "422 supervisor manager root; 403"),
    "dispatch_import_sample": page("200 supervisor manager root; 403"),
    # -- the worker's phone: the leave is the worker's, rosters are for own workers
    "field_leave": page("200 worker idle root; 403", "422 worker idle; 403"),
    "field_leave_withdraw": page("405", "422 worker; 404 idle root; 403", path="leave"),
    "field_home": page("200 field root; 403"),
    "field_ticket": page("200 worker root; 404 idle contractor third_party partner; 403", path="scheduled"),
    "field_call": page(
        "405", "422 worker root; 404 idle contractor third_party partner; 403", path="scheduled"
    ),
    "field_called": page(HANDLER.format(200), path="scheduled"),
    "field_schedule": page(HANDLER.format(200), HANDLER.format(422), path="scheduled"),
    "field_act": page(HANDLER.format(200), HANDLER.format(422), path="scheduled =arrive"),
    # -- what other departments owe
    "coordination_list": page(LISTS),
    "coordination_export": page("200 clerk engineer supervisor manager director root; 403", path="=xlsx"),
    "coordination_new": page(f"200 {COORDINATES} stranger; 403", f"422 {COORDINATES} stranger; 403"),
    "coordination_ticket": page(COORDINATION[0].format(200), COORDINATION[0].format(422), path="scheduled"),
    "coordination_request": page(SEES_COORDINATION, path="coordination"),
    "coordination_remind": page("405", COORDINATION[1], path="coordination"),
    "coordination_answer": page("405", COORDINATION[1], path="coordination"),
    "coordination_change": page("405", COORDINATION[1], path="coordination"),
    "coordination_end": page("405", COORDINATION[1], path="coordination"),
    "coordination_file": page(SEES_COORDINATION, path="coordination_file"),
    "coordination_file_thumb": page(SEES_COORDINATION, path="coordination_file"),
    "coordination_weeks": page(LISTS),
    "coordination_week_make": page("405", WEEKLY),
    "coordination_week": page(SEES_COORDINATION, path="week"),
    "coordination_week_print": page(SEES_COORDINATION, path="week"),
    "coordination_week_close": page("405", WEEKLY, path="week"),
    "coordination_decide": page("405", WEEKLY, path="week_item"),
    "coordination_follow": page("405", WEEKLY, path="week_item"),
}
