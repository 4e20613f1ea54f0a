"""Files that came with something other than a ticket."""

import uuid

from django.db import models

from tickets.models.work import Evidence


class KeptFile(models.Model):
    """A file in the private store, named as it came; `core.store` says what the three names are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类型", max_length=10, choices=Evidence.Kind)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("内容类型", max_length=60)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    original = models.CharField("原件", max_length=120, db_index=True)
    preview = models.CharField("预览", max_length=120, blank=True)
    thumbnail = models.CharField("缩略图", max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name
