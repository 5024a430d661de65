"""Named reads of the room: the library, one checkpoint, the result, the comparison."""
