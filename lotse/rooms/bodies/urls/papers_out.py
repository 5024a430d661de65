"""Addresses of papers to take away."""

from django.urls import path

from lotse.rooms.bodies.views import papers_out

urlpatterns = [
    path("sitzung/<uuid:uuid>/tagesordnung.pdf", papers_out.agenda_pdf, name="agenda-pdf"),
    path("sitzung/<uuid:uuid>/tagesordnung.docx", papers_out.agenda_docx, name="agenda-docx"),
    path("sitzung/<uuid:uuid>/unterschriften.pdf", papers_out.sign_in_pdf, name="sign-in-pdf"),
    path("sitzung/<uuid:uuid>/namensschilder.pdf", papers_out.badges_pdf, name="badges-pdf"),
    path("sitzung/<uuid:uuid>/teilnahme.pdf", papers_out.participants_pdf,
         name="participants-pdf"),
    path("<uuid:uuid>/mitglieder.pdf", papers_out.members_pdf, name="members-pdf"),
]  # fmt: skip
