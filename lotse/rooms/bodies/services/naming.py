"""Names on their way into minutes: each is looked up once, and known by a uuid ever after."""

from collections.abc import Iterable

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network
from lotse.rooms.bodies.models import Attribution

# Person, name, organisation, as they stand in lists and forms.
Named = tuple[int | None, str, str]


class Naming:
    """The attributions of one compilation, by name. `prepare` first, then `key` without a query.

    With `write` missing attributions are stored, inside the transaction of an act; without it they
    exist only here, for a draft that is looked at. `restricted` are people in it whose data are
    restricted, by key.
    """

    def __init__(self, network: Network, *, write: bool) -> None:
        self.network, self.write = network, write
        self.by_uuid: dict[str, Attribution] = {}
        self.restricted: set[int] = set()
        self._by_name: dict[Named, Attribution] = {}

    def prepare(self, names: Iterable[Named]) -> None:
        """Looks all of them up, and makes those that are missing. Two queries at most, none for a
        draft: it stores nothing, so that no stored name is needed."""
        wanted = list(dict.fromkeys(_clean(one) for one in names))
        if not wanted:
            return
        rows = Attribution.objects.filter(
            network=self.network, name__in={name for _person, name, _org in wanted}
        )
        for row in rows.order_by("-pk") if self.write else ():
            self._by_name[(row.person_id, row.name, row.organisation)] = row
        missing = [
            Attribution(network=self.network, person_id=person, name=name, organisation=org)
            for person, name, org in wanted
            if (person, name, org) not in self._by_name
        ]
        if missing and self.write:
            Attribution.objects.bulk_create(missing)
        for row in missing:
            self._by_name[(row.person_id, row.name, row.organisation)] = row
        for one in wanted:
            self.by_uuid[str(self._by_name[one].uuid)] = self._by_name[one]

    def key(self, person: int | None, name: str, organisation: str = "") -> str:
        """The uuid under which a prepared name is known."""
        return str(self._by_name[_clean((person, name, organisation))].uuid)


def _clean(named: Named) -> Named:
    person, name, organisation = named
    return (
        person,
        text.shorten(text.clean_line(name), 200),
        text.shorten(text.clean_line(organisation), 200),
    )


def split_names(line: str) -> list[Named]:
    """ "Kim Muster, Robin Beispiel" as names, without people behind them."""
    return [(None, name, "") for part in line.split(",") if (name := text.clean_line(part))]
