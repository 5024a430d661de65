"""Writes which characters every face of the papers has (development tool, needs fontTools).

Run it after a new version of the font package: `python tools/fontchars.py`. PDF/A forbids a
character without a glyph, so `core.pdf` replaces what is not in this list before it draws.
"""

import json
from pathlib import Path

from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FACES = ROOT / "node_modules" / "@expo-google-fonts" / "fira-sans"
NAMES = ("400Regular", "400Regular_Italic", "600SemiBold", "700Bold")
TARGET = ROOT / "lotse" / "foundation" / "core" / "papers" / "characters.json"


def common_codes() -> set[int]:
    """The code points that all faces have, without control characters."""
    codes: set[int] | None = None
    for name in NAMES:
        (file,) = (FACES / name).glob("*.ttf")
        with TTFont(file) as font:
            found = set(font.getBestCmap())
        codes = found if codes is None else codes & found
    return {code for code in codes or set() if code >= 0x20 and not 0x7F <= code < 0xA0}


def ranges(codes: set[int]) -> list[list[int]]:
    """Neighbouring code points as [first, last]."""
    result: list[list[int]] = []
    for code in sorted(codes):
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def main() -> None:
    """Writes the file and says how many characters it holds."""
    codes = common_codes()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(ranges(codes), separators=(",", ":")) + "\n")
    print(f"{len(codes)} characters, {len(ranges(codes))} ranges: {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
