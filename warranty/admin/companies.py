"""Companies outside, their people, agreements and limits, within the user's scope (WA-06, WA-12)."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from accounts.services import end_sessions
from core.scoped_admin import ScopedAdmin, ScopedTabularInline
from warranty.admin.agreements import AgreementInline
from warranty.admin.terms import OwnAndDefaultAdmin
from warranty.models import CompletionLimit, Contact, Contractor, Craftsman

CONTACTS = 2


class ContactFormSet(BaseInlineFormSet):
    """At least two people who can be reached (domain.md §4.1)."""

    def clean(self):
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE") and form.cleaned_data.get("active")
        ]
        if self.instance.active and len(kept) < CONTACTS and not any(self.errors):
            raise ValidationError("请填写至少两名启用的联系人，号码白天随时可通。")


class ContactInline(ScopedTabularInline):
    model = Contact
    formset = ContactFormSet
    fields = ("name", "duty", "phone", "email", "user", "active")
    autocomplete_fields = ("user",)
    follow = ("user",)
    extra = 2


class CraftsmanInline(ScopedTabularInline):
    model = Craftsman
    fields = ("name", "phone", "active")


@admin.register(Contractor)
class ContractorAdmin(ScopedAdmin):
    """A company with its contacts, its roster and what it has signed; links are made in 单位台账."""

    list_display = ("name", "kind", "active", "note")
    list_filter = ("kind", "active")
    search_fields = ("name", "contacts__name", "contacts__phone")
    inlines = (ContactInline, CraftsmanInline, AgreementInline)

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        # Who no longer speaks for the company is out at once, not at the end of the session.
        gone = Contact.objects.filter(contractor=form.instance, user__isnull=False).select_related("user")
        for contact in gone:
            if not (contact.active and form.instance.active):
                end_sessions(user=contact.user)


@admin.register(CompletionLimit)
class CompletionLimitAdmin(OwnAndDefaultAdmin):
    list_display = ("trade", "where", "days")
    list_filter = ("estate",)
    follow = ("estate", "trade")
    ordering = ("trade__code", "estate__code")
