"""Background tasks of tickets: fetch the time, call one service."""

from datetime import timedelta

from django.utils.timezone import localdate, now

from tickets import class_watch, digest, evidence, incoming, rests, upkeep, watch, words


def watch_clocks():
    """Every minute."""
    return watch.look(now=now(), help_wanted=True)


def help_to_watch():
    """Beside `watch_clocks`, when more is due than one batch: after a stop of hours."""
    return watch.look(now=now())


def watch_classes():
    """Every five minutes."""
    return class_watch.run(now=now())


def watch_rests():
    """Every five minutes: whoever found a closed door rings again, or the clocks run on (EX-11)."""
    done = rests.look(at=now())
    return f"提醒 {done.reminded}，恢复计时 {done.over}"


def remind_incoming():
    """Every minute: mails and WeChat messages that nobody has taken up."""
    return incoming.remind_waiting(at=now())


def undefer_due():
    """Every morning."""
    return upkeep.undefer_due(today=localdate(), at=now())


def archive_closed():
    """Every night."""
    return upkeep.archive_closed(at=now())


def purge_orphans():
    """Every night: files without a row; a day leaves the longest transaction time to end."""
    return evidence.purge_orphans(older_than=now() - timedelta(days=1))


def cut_words():
    """Every minute: what the desk's search finds tickets by (IN-03)."""
    return words.cut_new(now=now())


def daily_digest():
    """Every morning: what happened yesterday and what is late, to the managers."""
    return digest.send_all(on=localdate(), at=now())
