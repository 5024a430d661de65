"""T09: rights are understandable."""

import re

import pytest
from django.utils.functional import Promise

from lotse.foundation.core.actor import ANONYMOUS
from lotse.foundation.core.permissions import all_rules, visible
from tests.trust import site as sites
from tests.trust.reach.kinds import populate

pytestmark = pytest.mark.django_db


def test_every_right_has_a_name_and_a_sentence() -> None:
    """In German here; that both are in the English catalogue is what test_translations shows."""
    for rule in all_rules():
        assert isinstance(rule.title, Promise), rule.code
        assert isinstance(rule.sentence, Promise), rule.code
        assert str(rule.title).strip(), rule.code
        assert str(rule.sentence).strip().endswith("."), rule.code
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", rule.code), rule.code


def test_nobody_without_an_account_may_write_anything(site: sites.Site) -> None:
    """Only secret links let a visitor change something, and only what they open."""
    populate(site)
    for rule in all_rules():
        if not rule.code.endswith(".view"):
            found = visible(rule.code, ANONYMOUS, rule.model._default_manager.all())
            assert not found.exists(), rule.code
