"""`lotse clearsessions`: Django's command for the sessions of our own table."""

from django.contrib.sessions.management.commands.clearsessions import Command

__all__ = ["Command"]
