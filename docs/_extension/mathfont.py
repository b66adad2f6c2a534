"""A font for mathematics, in a style sheet: browsers stretch brackets and roots only with such a font.

It is a part of STIX Two Math (SIL Open Font License), of which the package ziamath has a copy. It stands in
the style sheet itself, since Firefox loads no font file for a page that is read from a disk.
"""

import base64
import importlib.resources
import io
import pathlib

from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x391, 0x3F6),
    *range(0x2010, 0x2040),
    *range(0x2061, 0x2065),
    *range(0x2190, 0x2194),
    *range(0x2200, 0x2300),
    *range(0x2308, 0x230C),
    *range(0x27E8, 0x27EA),
    *range(0x1D400, 0x1D468),
    *range(0x1D6A8, 0x1D736),
    0x210E,
    0x2113,
]
"""Latin and Greek letters, upright and italic, and operators."""

STYLE = """\
@font-face { font-family: "Site Math"; src: url("data:font/woff;base64,FONT") format("woff"); }
math { font-family: "Site Math", "STIX Two Math", "Cambria Math", math; }
"""


def write(path: pathlib.Path) -> None:
    """Writes the style sheet, unless it is there."""
    if path.exists():
        return
    source = importlib.resources.files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
    font = TTFont(io.BytesIO(source.read_bytes()), recalcTimestamp=False)
    options = subset.Options(layout_features=["ssty", "dtls", "flac"], hinting=False, notdef_outline=True)
    options.flavor = "woff"
    part = subset.Subsetter(options)
    part.populate(unicodes=CHARACTERS)
    part.subset(font)
    font.flavor = "woff"
    data = io.BytesIO()
    font.save(data)
    text = base64.b64encode(data.getvalue()).decode()
    path.write_text(STYLE.replace("FONT", text))
