"""Cross-department requests and the weekly coordination list (DI-11)."""

from coordination.models.counterpart import Counterpart
from coordination.models.request import Request, RequestEvent, RequestFile
from coordination.models.weekly import WeeklyItem, WeeklyList

__all__ = ["Counterpart", "Request", "RequestEvent", "RequestFile", "WeeklyItem", "WeeklyList"]
