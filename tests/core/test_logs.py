import json
import logging

import pytest
import structlog

from core.logs import JsonFormatter, mask


@pytest.fixture(autouse=True)
def no_request():
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_that_names_its_logger():
    line = JsonFormatter().format(_record("派单 %s 次", 3))

    fields = json.loads(line)
    fields.pop("timestamp")
    assert fields == {"event": "派单 3 次", "level": "warning", "logger": "tickets"}


def test_a_line_within_a_request_carries_its_id():
    with structlog.contextvars.bound_contextvars(request_id="7f3a"):
        line = JsonFormatter().format(_record("saved"))

    assert json.loads(line)["request_id"] == "7f3a"


def test_a_line_of_structlog_itself_has_the_same_shape(capsys):
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("tests.structured")
    logger.addHandler(handler)
    logger.propagate = False

    structlog.get_logger("tests.structured").error("refused", code=409)

    fields = json.loads(capsys.readouterr().err)
    fields.pop("timestamp")
    assert fields == {"event": "refused", "code": 409, "level": "error", "logger": "tests.structured"}


def test_an_exception_stays_on_the_line():
    try:
        raise ValueError("业主电话 13812345678")
    except ValueError as error:
        record = _record("failed", exc_info=(type(error), error, error.__traceback__))

    line = JsonFormatter().format(record)

    assert line.count("\n") == 0
    assert json.loads(line)["exception"].splitlines()[-1] == "ValueError: 业主电话 138****5678"


@pytest.mark.row("OR-01")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("致电13812345678。", "致电138****5678。"),
        ("phone=13812345678&x=1", "phone=138****5678&x=1"),
        ("工单 202611130012345678901", "工单 202611130012345678901"),
        ("GET /o/Zk3vT9qLw2XcYb7NfR5sHa", "GET /o/***"),
        ("GET /o/Zk3vT9qLw2XcYb7NfR5sHa/sign?x=1", "GET /o/***/sign?x=1"),
        ("GET /desk/tickets/", "GET /desk/tickets/"),
    ],
)
def test_phones_and_link_secrets_never_reach_a_log(text, shown):
    assert mask(text) == shown


def _record(message, *args, exc_info=None):
    return logging.LogRecord("tickets", logging.WARNING, __file__, 1, message, args, exc_info)
