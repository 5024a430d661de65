"""The command `lotse`: a thin front to the management commands, one word per subcommand."""

import os
import sys

USAGE = """lotse: {version}

  lotse serve [--port N]            web server and background worker
  lotse worker                      background worker alone
  lotse migrate                     brings the database to this version
  lotse createoperator --email E    the first account of an installation
  lotse loaddemo [--accounts json]  loads the demo network (repeatable)
  lotse validatecheck FILE [--json] checks a file in the format lotse-check/1
  lotse importcheck FILE [--publish]
  lotse exportcheck ID [--revision N]
  lotse importorganisations FILE    organisations from a table (CSV, XLSX); --publish, --json
  lotse search "WORDS" [--json]     what the search finds, in the eyes of the office
  lotse loadcontent                 topics, regions, shipped checks (repeatable)
  lotse setnetwork / lotse setpage  name, brand and pages of a network
  lotse listreports                 barriers and faults that people reported
  lotse doctor [--json]             what is missing here, in plain words
  lotse buildwords                  the dictionary of the search (part of `make install`)
  lotse health                      whether the running web server works
  lotse backup FILE [--json]        everything in one file, while people work
  lotse restore FILE [--force]      puts a backup back, also into the other database
  lotse verifylog [--head N:SUM]    whether the record chains are whole
  lotse rekey                       moves to the new secret key what the old one locked
  lotse exportperson / eraseperson  what is kept about a person, and its erasure
  lotse readbounces                 mails that came back
  lotse help COMMAND                the options of one command
"""


def main(argv: list[str] | None = None) -> None:
    """Runs one subcommand; exit 0 done, 1 refused with reasons, 2 wrong use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotse.settings")
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in {"-h", "--help"}:
        from lotse import __version__

        print(USAGE.format(version=__version__))
        sys.exit(0 if arguments else 2)
    from django.conf import settings
    from django.core.management import execute_from_command_line

    try:
        settings.DATABASES  # noqa: B018  reads the environment
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    execute_from_command_line(["lotse", *arguments])


if __name__ == "__main__":
    main()
