"""The house book as a resource of django-import-export: its result, fed by our plan (IN-16)."""

from typing import Any

from django.db import IntegrityError, transaction
from import_export.resources import ModelResource
from import_export.results import Error, Result

from core.workbooks import RefusedFile, Rows, data_rows
from estates import house_book
from estates.columns import header_mistakes
from estates.models import Unit

SHOWN = 200


class HouseBookResult(Result):
    """The library's result plus the lines that a person looks at, at most 200 of each kind."""

    lines: list[house_book.Line] = []

    @property
    def refused(self) -> bool:
        return self.has_errors() or self.has_validation_errors()

    @property
    def shown_errors(self) -> list[house_book.Line]:
        return self.invalid_rows[:SHOWN]

    @property
    def shown_changes(self) -> list[house_book.Line]:
        return self.changed[:SHOWN]

    @property
    def changed(self) -> list[house_book.Line]:
        return [line for line in self.lines if line.changes]

    @property
    def hidden(self) -> int:
        """How many lines the page leaves out."""
        whole = self.invalid_rows or self.changed
        return max(0, len(whole) - SHOWN)


class UnitOwnerResource(ModelResource):
    """Units and owners in one sheet; planned first, then written whole or not at all."""

    class Meta:
        model = Unit
        fields = ()

    def import_data(self, dataset: Rows, dry_run: bool = False, **kwargs: Any) -> HouseBookResult:
        """Plan the rows within the scope of `user`, and write them unless it is a dry run or one is wrong."""
        header = dataset.cells[0]
        if mistakes := header_mistakes(header):
            return _refusal(mistakes)
        try:
            with transaction.atomic():
                if not dry_run:
                    house_book.lock()
                plan = house_book.plan_import(user=kwargs["user"], header=header, rows=data_rows(dataset))
                result = _result(plan)
                if not dry_run and not result.refused:
                    house_book.write(plan)
        except IntegrityError:
            # Somebody saved one of these rows in admin between our reading and our writing.
            return _refusal(["导入期间有人改动了同一批数据，没有写入任何内容，请重新上传。"])
        return result


def _refusal(messages: list[str]) -> HouseBookResult:
    result = HouseBookResult()
    for message in messages:
        result.append_base_error(Error(RefusedFile(message)))
    return result


def _result(plan: house_book.Plan) -> HouseBookResult:
    result = HouseBookResult()
    result.lines = plan.lines
    result.total_rows = len(plan.lines)
    result.totals.update(plan.totals)
    result.invalid_rows = [line for line in plan.lines if line.errors]
    if not plan.lines:
        result.append_base_error(Error(RefusedFile("列名下面没有数据。")))
    return result
