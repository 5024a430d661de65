"""Papers and files to take away: PDF, Word, spreadsheet, calendar, all data."""
