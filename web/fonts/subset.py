"""Makes the fonts of the preview pictures: `python3 subset.py FOLDER` (needs fonttools and brotli), where FOLDER is
the unpacked npm package `inter-ui` 4.1.1. Latin with its accents, German quotation marks, kerning; nothing else."""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x1E9E, 0x1E9E), (0x2010, 0x2015), (0x2018, 0x201E),
    (0x2020, 0x2022), (0x2026, 0x2026), (0x2030, 0x2030), (0x2039, 0x203A), (0x2044, 0x2044), (0x20AC, 0x20AC),
    (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
]


def make(source, target):
    options = subset.Options()
    options.layout_features = ["kern", "ccmp", "mark", "locl"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.glyph_names = False
    options.notdef_outline = True
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in CHARACTERS for c in range(first, last + 1)])
    subsetter.subset(font)
    font["head"].modified = font["head"].created
    font.save(target, reorderTables=True)


package = Path(sys.argv[1])
here = Path(__file__).parent
make(package / "display/InterDisplay-Bold.woff2", here / "inter-display-bold.ttf")
make(package / "web/Inter-Medium.woff2", here / "inter-medium.ttf")
