"""Pages of the room; each view loads, authorises, calls one service or query, and draws."""
