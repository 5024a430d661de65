"""Backup and restore: one file with all tables, all files, the drawn key and a list with sums.

The file is a zip archive: `tables/<table>.copy` (one row a line, in the text form of PostgreSQL's
COPY, the same for both databases, so that a backup of one restores into the other), `files/<name>`
as they lie in the data folder, `keys/secret_key`, and at its end `manifest.json`.
"""
