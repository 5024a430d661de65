"""Files to take away: the list, a contact card."""
