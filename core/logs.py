"""Structured logs: one JSON object a line, with the request's id and without personal data."""

import json
import logging
import re

import structlog

from core import phones

_PHONE = re.compile(rf"(?<!\d){phones.MOBILE.pattern}(?!\d)")
# Personal links carry their secret as one long path segment (IN-05).
# ASCII, since Chinese words or punctuation may follow; a file's name goes on with a dot.
_LINK_SECRET = re.compile(r"(?<=/)[\w-]{22,}(?![\w-]|\.\w)", re.ASCII)

# A code to sign in with stands right behind its word (T08).
_CODE = re.compile(r"(验证码\D{0,4})\d{6}(?!\d)")

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.UnicodeDecoder(),
]


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a record of django-q2 says more than that a job was queued, as every step does."""
    return not str(record.msg).startswith("Enqueued ")


def mask(text: str) -> str:
    """The text with mobile numbers shortened to 138****5678 and personal links' secrets removed."""
    return mask_links(_PHONE.sub(lambda match: phones.mask(match[0]), text))


def mask_links(text: str) -> str:
    """The text with the secrets of personal links and sign-in codes removed."""
    return _CODE.sub(r"\1******", _LINK_SECRET.sub("***", text))


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats records of structlog and of the standard library alike.

    A line holds at least `event`, `level`, `logger` and `timestamp` (UTC);
    within a request also `request_id`, `user_id` and `ip`.
    """

    def __init__(self, *args, **kwargs):
        # django-structlog logs through structlog, which has to hand its
        # records to this formatter; both start to matter at this moment.
        structlog.configure(
            processors=[
                # First, so that a line nobody wants costs nothing.
                structlog.stdlib.filter_by_level,
                *_SHARED,
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )
        super().__init__(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                _render,
            ],
        )


def _render(logger, name, event_dict) -> str:
    # Extras of Django's loggers hold the request itself; its text is enough.
    return mask(json.dumps(event_dict, ensure_ascii=False, default=str))
