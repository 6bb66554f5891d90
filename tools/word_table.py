#!/usr/bin/python3
"""Writes lib/base/word_table.c from the Unicode character database.

    apt-get download unicode-data && dpkg -x unicode-data_*.deb ucd
    tools/word_table.py ucd/usr/share/unicode >lib/base/word_table.c

The class and the mapping of a character decide which words a text contains
(lib/base/words.h). Full-text indexes store words, so a new table needs a new
WORDS_VERSION, which makes earmark-jobs rebuild the indexes.
"""
import os
import re
import sys

# The order is that of enum word_class in lib/base/word_table.h.
SEPARATOR, IGNORE, LETTER, RUN, MARK, MAPPED = range(6)
BLOCK = 64
LAST = 0x110000

# Scripts without spaces between words. Their texts are indexed by pairs of
# characters. Line break class SA adds Thai, Lao, Khmer, Myanmar and others.
RUN_SCRIPTS = {"Han", "Hiragana", "Katakana", "Bopomofo"}
RUN_COMMON = {0x3005, 0x3006, 0x3007, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035,
              0x303b, 0x303c, 0x30fc}

# Marks of these scripts are pronunciation aids or accents.
DROP_SCRIPTS = {"Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Syriac",
                "Inherited", "Common"}
# Marks that a script with essential marks shares.
KEEP_MARKS = {0x3099, 0x309a}
# These Cyrillic letters are letters of an alphabet, not accented letters.
KEEP_PAIRS = {(0x438, 0x306), (0x443, 0x306), (0x456, 0x308), (0x433, 0x301),
              (0x43a, 0x301)}

# Latin letters without a decomposition whose name does not show the base.
LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d",
         "þ": "th", "ħ": "h", "ı": "i", "ȷ": "j", "ł": "l", "ŋ": "n",
         "ŧ": "t", "ĸ": "q", "ſ": "s", "ɑ": "a", "ɡ": "g", "ꝏ": "oo",
         "ꜳ": "aa", "ꜵ": "ao", "ꜷ": "au", "ꜹ": "av", "ꜽ": "ay", "ꝡ": "vy"}
LATIN_NAME = re.compile(
    r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?$")


class Database:
    def __init__(self, folder):
        self.folder = folder
        self.name, self.category, self.ccc = {}, {}, {}
        self.decomposition, self.digit = {}, {}
        self.read_characters()
        self.script = self.ranges("Scripts.txt")
        self.linebreak = self.ranges("LineBreak.txt")
        self.ignorable = {c for c, p in self.ranges(
            "DerivedCoreProperties.txt", "Default_Ignorable_Code_Point"
        ).items()}
        excluded = self.ranges("DerivedNormalizationProps.txt",
                               "Full_Composition_Exclusion")
        self.compose = {
            tuple(parts): c
            for c, (kind, parts) in self.decomposition.items()
            if not kind and len(parts) == 2 and c not in excluded}
        self.fold = {}
        for fields in self.lines("CaseFolding.txt"):
            if fields[1] in "CF":
                self.fold[int(fields[0], 16)] = [
                    int(x, 16) for x in fields[2].split()]
        with open(os.path.join(folder, "Scripts.txt"), encoding="utf-8") as f:
            self.version = re.search(r"-([\d.]+)\.txt", f.readline()).group(1)

    def lines(self, file):
        path = os.path.join(self.folder, file)
        with open(path, encoding="utf-8") as f:
            for line in f:
                fields = line.split("#")[0].split(";")
                if len(fields) > 1:
                    yield [x.strip() for x in fields]

    def ranges(self, file, only=None):
        values = {}
        for fields in self.lines(file):
            if only and fields[1] != only:
                continue
            first, _, last = fields[0].partition("..")
            for c in range(int(first, 16), int(last or first, 16) + 1):
                values[c] = fields[1]
        return values

    def read_characters(self):
        begin = None
        for f in self.lines("UnicodeData.txt"):
            c = int(f[0], 16)
            if f[1].endswith(", First>"):
                begin = c
                continue
            for x in range(begin if begin is not None else c, c + 1):
                self.name[x], self.category[x] = f[1], f[2]
                self.ccc[x] = int(f[3])
            begin = None
            if f[5]:
                kind, parts = "", f[5].split()
                if parts[0].startswith("<"):
                    kind = parts.pop(0)
                self.decomposition[c] = kind, [int(x, 16) for x in parts]
            if f[6]:
                self.digit[c] = int(f[6])

    def raw_class(self, c):
        """Returns the class of a character that is not mapped."""
        category = self.category.get(c, "Cn")
        script = self.script.get(c, "Unknown")
        if 0x20000 <= c < 0x40000 and c & 0xffff < 0xfffe:
            return RUN          # includes ideographs of later versions
        if category[0] == "M":
            if c in KEEP_MARKS:
                return MARK
            drop = (script in DROP_SCRIPTS or category == "Me" or
                    c in self.ignorable)
            return IGNORE if drop else MARK
        # Bidirectional controls and the zero width space separate words.
        if c in self.ignorable:
            joins = c in (0xad, 0x200c, 0x200d, 0x2060, 0xfeff)
            return IGNORE if joins else SEPARATOR
        if category in ("Lm", "Sk") and c < 0x300 and c > 0x2b8 or c == 0x640:
            return IGNORE       # modifier letters such as the okina
        if category[0] not in "LN":
            return SEPARATOR
        if script in RUN_SCRIPTS or c in RUN_COMMON:
            return RUN
        if self.linebreak.get(c) == "SA" and category != "Nd":
            return RUN
        return LETTER

    def decompose(self, c):
        """Returns the compatibility decomposition."""
        kind, parts = self.decomposition.get(c, ("", []))
        if not parts:
            return [c]
        return [x for p in parts for x in self.decompose(p)]

    def simplify(self, c):
        """Returns a decomposed, folded character as a list."""
        if c in self.digit and self.category[c] == "Nd":
            return [0x30 + self.digit[c]]
        text = LATIN.get(chr(c))
        if text is None and c > 0x7f:
            match = LATIN_NAME.match(self.name.get(c, ""))
            text = match and match.group(1).lower()
        return [ord(x) for x in text] if text else [c]

    def mapping(self, c):
        """Returns the characters that replace c."""
        out = self.decompose(c)
        out = [y for x in out for y in self.fold.get(x, [x])]
        out = [y for x in out for y in self.decompose(x)]
        out = [y for x in out for y in self.simplify(x)]
        result = []
        for x in out:
            pair = (result[-1], x) if result else None
            if pair in self.pairs:
                result[-1] = self.pairs[pair]
            elif self.raw_class(x) != IGNORE:
                result.append(x)
        # A symbol of several separators is one.
        if all(self.raw_class(x) == SEPARATOR for x in result):
            result = result[:1]
        return result

    def find_pairs(self):
        """Selects the pairs that form one character after a mapping."""
        self.pairs = {}
        for (a, b), c in self.compose.items():
            if (a, b) in KEEP_PAIRS or self.raw_class(b) != IGNORE:
                self.pairs[a, b] = c

    def entry(self, c):
        """Returns the class and the mapping (or []) of a character."""
        category = self.category.get(c, "Cn")
        kind = self.decomposition.get(c, ("", []))[0]
        own = self.raw_class(c)
        if 0xac00 <= c < 0xd7a4:
            return LETTER, []
        if own == IGNORE or kind == "<super>" and category == "So":
            return (own, [])
        if own == SEPARATOR and (category != "So" or not kind):
            return (own, [])
        out = self.mapping(c)
        if out == [c]:
            return (own, [])
        if all(self.raw_class(x) == SEPARATOR for x in out):
            return (SEPARATOR if own == SEPARATOR else own, [])
        return MAPPED, out


def array(out, kind, name, values, width):
    out.append(f"\nconst {kind} {name}[{len(values)}] = {{")
    line = "\t"
    for v in values:
        text = f"{v}, " if width == 10 else f"0x{v:x}, "
        if len(line.expandtabs(8)) + len(text) > 79:
            out.append(line.rstrip())
            line = "\t"
        line += text
    out.append(line.rstrip())
    out.append("};")


def main(folder):
    db = Database(folder)
    db.find_pairs()
    places, pool, offsets = {}, [], []
    values = []
    for c in range(LAST):
        kind, text = db.entry(c)
        extra = 0
        if kind == MAPPED:
            key = tuple(text)
            if key not in places:
                places[key] = len(offsets)
                offsets.append(len(pool))
                pool += text
            extra = places[key]
        elif kind == MARK:
            extra = db.ccc[c]
        values.append(kind | extra << 3)
    offsets.append(len(pool))
    assert max(values) < 0x10000 and len(pool) < 0x10000
    blocks, index = {}, []
    for at in range(0, LAST, BLOCK):
        block = tuple(values[at:at + BLOCK])
        index.append(blocks.setdefault(block, len(blocks)))
    assert len(blocks) < 0x10000
    flat = [v for block in blocks for v in block]
    pairs = sorted((a, b, c) for (a, b), c in db.pairs.items())
    out = [f"""/*
 * Generated by tools/word_table.py from the Unicode character database
 * {db.version} (Unicode license). Do not edit.
 */
#include "base/word_table.h"

const char word_unicode[] = "{db.version}";"""]
    kind = "uint8_t" if len(blocks) < 256 else "uint16_t"
    array(out, kind, "word_blocks", index, 10)
    array(out, "uint16_t", "word_values", flat, 16)
    array(out, "uint16_t", "word_map_offsets", offsets, 10)
    array(out, "uint32_t", "word_map", pool, 16)
    out.append(f"\nconst struct word_pair word_pairs[{len(pairs)}] = {{")
    out += [f"\t{{ 0x{a:x}, 0x{b:x}, 0x{c:x} }}," for a, b, c in pairs]
    out.append("};")
    out.append(f"const size_t word_pairs_n = {len(pairs)};")
    print("\n".join(out))
    sys.stderr.write(f"{len(blocks)} blocks, {len(offsets) - 1} mappings, "
                     f"{len(pool)} characters, {len(pairs)} pairs\n")


if __name__ == "__main__":
    main(sys.argv[1])
