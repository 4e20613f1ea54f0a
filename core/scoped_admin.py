"""Admin pages that show, offer and change only what lies in the user's scope (OR-01).

`ScopedAdmin` and the scoped inlines take any model; one whose queryset has
`visible_to` is limited by it, others (areas, trades) are not.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from core.admin_lists import HouseAdmin, Pickers


def scoped(queryset: QuerySet, user: Any) -> QuerySet:
    """The rows of a queryset that this user may see."""
    return queryset.visible_to(user) if hasattr(queryset, "visible_to") else queryset


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row that offers no row of a foreign estate."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        visible = scoped(field.related_model._default_manager.all(), request.user)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": visible.values("pk")}
        )


class Scoped(Pickers):
    """What admin pages and inlines share: rows and pickers within the user's scope.

    `follow` names the relations that `__str__` and the list need, loaded with
    the rows everywhere, in autocomplete answers too.
    """

    follow: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset = scoped(super().get_queryset(request), request.user)
        return queryset.select_related(*self.follow) if self.follow else queryset

    def get_field_queryset(self, db: str | None, db_field: Field, request: HttpRequest) -> QuerySet:
        queryset = super().get_field_queryset(db, db_field, request)
        if queryset is None:
            queryset = db_field.remote_field.model._default_manager.using(db)
        return scoped(queryset.all(), request.user)


class ScopedAdmin(Scoped, HouseAdmin):
    """An admin page of a model within the user's scope; permission is asked per row as well."""

    list_per_page = 50

    def get_list_filter(self, request: HttpRequest) -> list:
        return [self._scoped_filter(item) for item in super().get_list_filter(request)]

    def _scoped_filter(self, item: Any) -> Any:
        if not isinstance(item, str):
            return item
        try:
            field = get_fields_from_path(self.model, item)[-1]
        except FieldDoesNotExist:
            return item
        return (item, ScopedRelatedFilter) if field.is_relation else item

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and self._in_scope(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._in_scope(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._in_scope(request, obj)

    def _in_scope(self, request: HttpRequest, obj: Model | None) -> bool:
        if obj is None or obj.pk is None or request.user.is_superuser:
            return True
        # A change form asks a dozen times; the answer holds for the request.
        seen = request.__dict__.setdefault("_rows_in_scope", {})
        key = type(obj), obj.pk
        if key not in seen:
            rows = scoped(self.model._default_manager.all(), request.user)
            seen[key] = rows.filter(pk=obj.pk).exists()
        return seen[key]


class ScopedTabularInline(Scoped, admin.TabularInline):
    """Rows beside their parent, those of foreign estates left out."""

    extra = 0


class ScopedStackedInline(Scoped, admin.StackedInline):
    """Rows beneath their parent, those of foreign estates left out."""

    extra = 0
