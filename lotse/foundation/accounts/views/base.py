"""What all pages of the account share: our template, 422 for a form that was wrong."""

from typing import Any

from django.http import HttpResponse
from django.views.generic.edit import FormView


class Page(FormView):  # type: ignore[type-arg]  # not generic at run time
    """A page with one form: title, lead, button come from the class."""

    http_method_names = ["get", "head", "post"]
    template_name = "account/form.html"
    title: Any = ""
    lead: Any = ""
    button: Any = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context.setdefault("title", self.title)
        context.setdefault("lead", self.lead)
        context.setdefault("button", self.button)
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        if response.status_code == 200:
            response.status_code = 422
        return response
