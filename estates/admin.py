"""The house book in Django admin, within the user's scope."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core import phones
from core.admin import ScopedAdmin, ScopedTabularInline
from estates import services
from estates.admin_book import HouseBookMixin
from estates.forms import BuildingForm, EstateForm, OwnerForm, SameEstateForm, UnitForm
from estates.models import (
    Area,
    Batch,
    Building,
    CareFlag,
    Equipment,
    Estate,
    Hint,
    Household,
    Owner,
    PublicPlace,
    Unit,
)


class HouseholdOfUnit(ScopedTabularInline):
    model = Household
    autocomplete_fields = ("owner",)
    fields = ("owner", "relation", "since", "until")


class Homes(BaseInlineFormSet):
    """Says which rows are missing; to Django they are forms."""

    default_error_messages = BaseInlineFormSet.default_error_messages | {
        "too_few_forms": "请填写住在哪套房屋。"
    }


class HouseholdOfOwner(ScopedTabularInline):
    model = Household
    formset = Homes
    autocomplete_fields = ("unit",)
    fields = ("unit", "relation", "since", "until")
    follow = ("unit__building__estate",)

    def get_min_num(self, request: HttpRequest, obj: Owner | None = None, **kwargs: Any) -> int:
        # Without a dwelling the new owner would be in nobody's scope.
        return 0 if obj else 1

    def get_formset(self, request: HttpRequest, obj: Owner | None = None, **kwargs: Any) -> type:
        return super().get_formset(request, obj, **kwargs, validate_min=obj is None)


class CareFlagInline(ScopedTabularInline):
    model = CareFlag
    fields = ("kind", "note")


class TakenOverFilter(admin.EmptyFieldListFilter):
    """Whether the owner has taken the dwelling over, in these words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "收房"

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        everything, *others = super().choices(changelist)
        yield everything
        for choice, words in zip(others, ("未收房", "已收房"), strict=True):
            yield choice | {"display": words}


@admin.register(Area)
class AreaAdmin(ScopedAdmin):
    list_display = ("name", "neighbour_names", "code")
    search_fields = ("name", "code")
    filter_horizontal = ("neighbours",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        return super().get_queryset(request).prefetch_related("neighbours")

    @admin.display(description="相邻片区")
    def neighbour_names(self, area: Area) -> str:
        return "、".join(str(neighbour) for neighbour in area.neighbours.all()) or "—"


@admin.register(Estate)
class EstateAdmin(ScopedAdmin):
    form = EstateForm
    list_display = ("name", "code", "area", "address", "hotline")
    list_filter = ("area",)
    search_fields = ("name", "code", "pinyin")
    autocomplete_fields = ("area",)
    ordering = ("pinyin", "code")
    follow = ("area",)
    fieldsets = [
        (None, {"fields": ["code", "name", "pinyin", "area", "hotline"]}),
        (
            "位置",
            {
                "fields": ["address", "latitude", "longitude"],
                "description": "坐标为 GCJ-02（高德、腾讯地图）。",
            },
        ),
        ("质保", {"fields": ["design_life_years"]}),
    ]


@admin.register(Batch)
class BatchAdmin(ScopedAdmin):
    list_display = ("name", "estate", "completed_on", "handover_from", "handover_to")
    list_filter = ("estate",)
    search_fields = ("name", "estate__name", "estate__pinyin")
    autocomplete_fields = ("estate",)
    date_hierarchy = "handover_from"
    ordering = ("estate__pinyin", "handover_from")
    follow = ("estate",)


@admin.register(Building)
class BuildingAdmin(ScopedAdmin):
    form = BuildingForm
    list_display = ("name", "estate", "batch_name")
    list_filter = ("estate",)
    search_fields = ("name", "estate__name", "estate__pinyin")
    autocomplete_fields = ("estate", "batch")
    ordering = ("estate__pinyin", "pk")
    follow = ("estate", "batch__estate")

    @admin.display(description="交付批次", ordering="batch__name")
    def batch_name(self, building: Building) -> str:
        return building.batch.name

    def save_model(self, request: HttpRequest, obj: Building, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            services.relabel(obj)


@admin.register(Unit)
class UnitAdmin(HouseBookMixin, ScopedAdmin):
    form = UnitForm
    inlines = [HouseholdOfUnit]
    list_display = (
        "label",
        "estate",
        "building_name",
        "residents",
        "floor",
        "layout",
        "size_m2",
        "contract_handover_on",
        "taken_over_on",
    )
    list_filter = ("estate", ("taken_over_on", TakenOverFilter))
    search_fields = ("label__startswith", "room__exact", "estate__name__startswith", "estate__code__iexact")
    search_help_text = "房屋简称的开头（3-2-12）或房号（1201）；前面可加项目名称，用空格隔开"
    autocomplete_fields = ("building",)
    readonly_fields = ("estate", "label")
    ordering = ("estate__pinyin", "building_id", "label")
    follow = ("estate", "building__estate")
    fieldsets = [
        (None, {"fields": ["building", ("entrance", "room"), ("estate", "label")]}),
        ("房屋情况", {"fields": [("floor", "size_m2"), "layout"]}),
        ("交付", {"fields": [("contract_handover_on", "taken_over_on")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        living = Household.objects.select_related("owner").order_by("pk")
        return super().get_queryset(request).prefetch_related(Prefetch("households", living))

    @admin.display(description="楼栋", ordering="building__name")
    def building_name(self, unit: Unit) -> str:
        return unit.building.name

    @admin.display(description="住户")
    def residents(self, unit: Unit) -> str:
        return "、".join(row.owner.name for row in unit.households.all()) or "—"


@admin.register(PublicPlace)
class PublicPlaceAdmin(ScopedAdmin):
    form = SameEstateForm
    list_display = ("name", "estate", "building")
    list_filter = ("estate",)
    search_fields = ("name", "estate__name", "building__name")
    autocomplete_fields = ("estate", "building")
    exclude = ("token",)
    ordering = ("estate__pinyin", "building_id", "pk")
    follow = ("estate", "building__estate")

    def get_readonly_fields(self, request: HttpRequest, obj: PublicPlace | None = None) -> tuple[str, ...]:
        """The code, for whom the page that prints it is."""
        return ("code",) if obj and request.user.has_perm("tickets.view_estate_tickets") else ()

    @admin.display(description="二维码")
    def code(self, place: PublicPlace) -> str:
        query = urlencode({"estate": place.estate_id, "kind": "places", "place": place.pk})
        return format_html('<a href="{}?{}">打印报修二维码</a>', reverse("desk_qr"), query)


@admin.register(Equipment)
class EquipmentAdmin(ScopedAdmin):
    form = SameEstateForm
    list_display = ("name", "model", "maker", "estate", "place", "unit", "installed_on")
    list_filter = ("estate", "name")
    search_fields = ("name", "model", "maker")
    autocomplete_fields = ("estate", "place", "unit")
    ordering = ("estate__pinyin", "place_id", "name", "pk")
    follow = ("estate", "place__building__estate", "place__estate", "unit__building__estate")


@admin.register(Owner)
class OwnerAdmin(ScopedAdmin):
    form = OwnerForm
    inlines = [HouseholdOfOwner, CareFlagInline]
    list_display = ("name", "masked_phone", "pinyin", "homes", "care")
    list_filter = ("care_flags__kind",)
    search_fields = ("name__startswith", "pinyin__startswith", "phone__startswith")
    search_help_text = "姓名、拼音首字母或电话的开头"
    ordering = ("pinyin", "name", "pk")
    fields = ("name", "phone", "pinyin")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Owner]:
        homes = Household.objects.visible_to(request.user).select_related("unit__estate").order_by("pk")
        return super().get_queryset(request).prefetch_related(Prefetch("households", homes), "care_flags")

    def has_delete_permission(self, request: HttpRequest, obj: Owner | None = None) -> bool:
        """Whoever also lives outside the user's scope is not this user's to remove."""
        if not super().has_delete_permission(request, obj):
            return False
        if obj is None or request.user.sees_all_estates:
            return True
        inside = obj.households.model.objects.visible_to(request.user).filter(owner=obj)
        return not Household.objects.filter(owner=obj).exclude(pk__in=inside.values("pk")).exists()

    @admin.display(description="电话", ordering="phone")
    def masked_phone(self, owner: Owner) -> str:
        return phones.mask(owner.phone)

    @admin.display(description="房屋")
    def homes(self, owner: Owner) -> str:
        return "、".join(f"{row.unit.estate} {row.unit.label}" for row in owner.households.all()) or "—"

    @admin.display(description="关怀")
    def care(self, owner: Owner) -> str:
        return "、".join(flag.get_kind_display() for flag in owner.care_flags.all()) or "—"


@admin.register(Household)
class HouseholdAdmin(ScopedAdmin):
    list_display = ("owner", "relation", "unit", "since", "until")
    list_filter = ("relation", "unit__estate")
    search_fields = ("owner__name__startswith", "owner__pinyin__startswith", "unit__label__startswith")
    autocomplete_fields = ("unit", "owner")
    ordering = ("unit__estate__pinyin", "unit__label", "pk")
    follow = ("owner", "unit__building__estate")


@admin.register(CareFlag)
class CareFlagAdmin(ScopedAdmin):
    list_display = ("owner", "kind", "note")
    list_filter = ("kind",)
    search_fields = ("owner__name__startswith", "owner__pinyin__startswith", "note")
    autocomplete_fields = ("owner",)
    follow = ("owner",)


@admin.register(Hint)
class HintAdmin(ScopedAdmin):
    form = SameEstateForm
    list_display = ("text", "kind", "estate", "building", "unit", "inside_only")
    list_filter = ("kind", "inside_only", "estate")
    search_fields = ("text", "estate__name", "unit__label__startswith")
    autocomplete_fields = ("estate", "building", "unit")
    follow = ("estate", "building__estate", "unit__building__estate")
