"""Django's administration without its log of changes: here nothing changes."""

from django.contrib.admin.apps import SimpleAdminConfig


class ReadOnlyAdmin(SimpleAdminConfig):
    """Brings no table along, so that switching it on or off changes nothing in the database, and
    deleting an account asks no table that may not be there."""

    default = False

    def import_models(self) -> None:
        self.models = {}
        self.models_module = None
