"""The raw tables for the operator, read only: Django's administration behind our own sign-in.

Only while `LOTSE_ADMIN` is set. Changes go through services, which log and record them; here there
are none to make. Whoever looks leaves a line in the log.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.strength import is_strong
from lotse.foundation.core import actionlog
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.privacy.retention import alive
from lotse.surfaces.tables.shown import SHOWN, columns_of, fields_of

# What of Django's own addresses there is; sign-in, password and the rest are the product's.
_KEPT = {"index", "app_list", "jsi18n"}


class Site(admin.AdminSite):
    """Open to an operator with a second factor, for reading."""

    site_title = site_header = _("Tabellen")
    index_title = _("Tabellen, nur zum Lesen")
    site_url = "/betrieb/"
    index_template = "tables/index.html"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """The role, a second factor shown in this session, and nobody else's eyes."""
        support = getattr(request, "support", None)
        return actor_in(request).is_operator and is_strong(request) and not support

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As at the desk: guests are sent to the sign-in, others get 403; nothing is sent here."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not actor_in(request).signed_in and request.method in ("GET", "HEAD"):
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise NotAllowed("tables")
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD"])
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """By the names the code uses: Django's plurals of them are no words."""
        found = super().get_app_list(request, app_label)
        for app in found:
            for table in app["models"]:
                table["name"] = table["object_name"]
        return found

    def get_urls(self) -> list[Any]:
        return [
            found
            for found in super().get_urls()
            if getattr(found, "name", None) in _KEPT or hasattr(found, "url_patterns")
        ]


class Table(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none while it runs
    """One table: every column that is no secret, nothing to change."""

    actions = None
    change_form_template = "tables/row.html"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_help_text = _("Sucht nach dem Anfang.")
    ordering = ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return fields_of(self.model)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return fields_of(self.model)

    def get_list_display(self, request: HttpRequest) -> Any:
        return columns_of(self.model)

    def get_search_fields(self, request: HttpRequest) -> Any:
        return SHOWN[self.model].search

    def get_urls(self) -> list[Any]:
        kept = ("_changelist", "_change")
        return [found for found in super().get_urls() if str(found.name).endswith(kept)]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without what is not shown: files and secrets are not even read, and what has had its
        time is gone here too."""
        rows = self.model._default_manager.only(*fields_of(self.model))
        return alive(rows).order_by("-pk")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the site asked already

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """None by the address: with them a hidden column could be guessed letter by letter."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        _log(request, self.model)
        return super().changelist_view(request, {"title": self.model.__name__})

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            _log(request, self.model, found)
        return found


def _log(request: HttpRequest, model: type[models.Model], row: Any = None) -> None:
    """Who looked at which table or row; what was typed into the search is not kept. Two queries."""
    actor = actor_in(request)
    seen = (
        row if isinstance(row, Entity) else Account.objects.only("uuid").get(uuid=str(actor.uuid))
    )
    after = {"table": model._meta.label_lower, "row": row.pk if row is not None else None}
    actionlog.record("tables.read", seen, actor=actor, after=after)


site = Site(name="admin")
for shown_model in SHOWN:
    site.register(shown_model, Table)
