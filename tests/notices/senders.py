"""Real ways out for tests: each behaves as one kind of provider does."""

import os
import signal

from notices.channels import SendFailed, SendUnknown


class KeepingSms:
    """Works, and keeps what it sent."""

    sent: list[tuple[str, str, str]] = []

    def send(self, phone, text, key):
        type(self).sent.append((phone, text, key))
        return f"receipt-{len(self.sent)}"


class DownSms:
    """Cannot be reached: nothing goes out, a later try may work."""

    def send(self, phone, text, key):
        raise SendFailed("连接被拒绝", retry=True)


class PickySms:
    """Refuses the number for good."""

    def send(self, phone, text, key):
        raise SendFailed("号码无效", retry=False)


class SilentSms(KeepingSms):
    """Sends, and then the answer never comes."""

    sent: list[tuple[str, str, str]] = []

    def send(self, phone, text, key):
        super().send(phone, text, key)
        raise SendUnknown("等待回执超时")


class PoisonedSms:
    """A mistake in the program, which ends the whole job."""

    def send(self, phone, text, key):
        raise ZeroDivisionError


class SuicidalSms:
    """Takes the sending process down with it, as the kernel would."""

    def send(self, phone, text, key):
        os.kill(os.getpid(), signal.SIGKILL)
