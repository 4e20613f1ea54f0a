"""Pages of long lists."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class CappedPaginator(Paginator):
    """Counts as far as anybody pages and no further: counting on would cost more than the page itself.

    `count` is then LIMIT, `is_capped` is true, and `total` says "5000+".
    """

    LIMIT = 5000

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by().values("pk")[: self.LIMIT + 1].count()

    @property
    def count(self) -> int:
        return min(self._counted, self.LIMIT)

    @property
    def is_capped(self) -> bool:
        """Whether there is more than the pages show."""
        return self._counted > self.LIMIT

    @property
    def total(self) -> str:
        """The number of rows in words for the page."""
        return f"{self.count}+" if self.is_capped else str(self.count)
