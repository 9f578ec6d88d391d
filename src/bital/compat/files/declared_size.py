"""How large a file may say that a part of it is, beside the bytes that it stores for the part."""

from bital.errors import InvalidInput

SMALL = 64 << 20
"""bytes that any part may have"""

EXPANSION = 100
"""bytes for each stored one; weights hardly shrink when they are compressed"""


def check_declared(part: str, declared: int, stored: int) -> None:
    """Raise unless the bytes that a file declares for a part are few, or stored for the most part.

    Args:
        part: what the message names.
        declared: bytes in memory.
        stored: bytes in the file.

    Raises:
        InvalidInput: the part would fill the memory from next to nothing.
    """
    if declared > max(SMALL, EXPANSION * stored):
        raise InvalidInput(
            f"a part of a model file must take at most {SMALL >> 20} MB or {EXPANSION} times its "
            f"stored bytes; {part} would take {declared} bytes, and {stored} are stored. "
            "Do not trust this file; get the model from whoever made it."
        )
