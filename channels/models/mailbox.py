"""How far the mailbox of reports has been read (IN-01)."""

from django.db import models


class Mailbox(models.Model):
    """One IMAP folder. Mails up to `last_uid` are ours; of those up to `baseline` only unread ones were.

    `uidvalidity` names the numbering: when the server begins a new one, so do we.
    """

    name = models.CharField("邮箱", max_length=200, unique=True)
    uidvalidity = models.BigIntegerField("编号版本", null=True, blank=True)
    baseline = models.BigIntegerField("启用时的最大编号", default=0)
    last_uid = models.BigIntegerField("已收到的编号", default=0)
    # A mail that kills the reader is tried three times and then kept as a line about itself.
    trying_uid = models.BigIntegerField("正在读取的编号", default=0)
    tries = models.PositiveSmallIntegerField("尝试次数", default=0)
    busy_until = models.DateTimeField("占用至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "报修邮箱"

    def __str__(self):
        return self.name
