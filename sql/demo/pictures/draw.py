#!/usr/bin/python3
"""Draws the profile pictures of the demo data: a head in front of a landscape.

usage: draw.py FOLDER NAME...

Writes FOLDER/NAME.jpg for each name, with 256 pixels. The colors and shapes
follow from the name.
"""
import colorsys
import hashlib
import sys

from PIL import Image, ImageDraw

SIZE = 256
SCALE = 4                       # draws larger, then reduces: smooth edges
SKIN = ["#f1c9a5", "#e0ac7e", "#c68a5e", "#a56b46", "#7d4a2d", "#5a3320"]
HAIR = ["#1d1a18", "#2f211a", "#4a2f1d", "#7a4b24", "#a8752f", "#8e8b88"]


class Dice:
    """Numbers that follow from a name."""

    def __init__(self, name):
        self.bytes = list(hashlib.sha256(name.encode()).digest())

    def below(self, n):
        return self.bytes.pop() % n


def color(hue, saturation, value):
    return tuple(round(255 * c)
                 for c in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def sky(dice, hue):
    """Returns a picture with a vertical gradient and two hills."""
    low, high = color(hue, 0.25, 0.97), color(hue + 0.06, 0.55, 0.80)
    column = Image.new("RGB", (1, SIZE))
    for y in range(SIZE):
        column.putpixel((0, y), tuple(
            h + (l - h) * y // SIZE for l, h in zip(low, high)))
    image = column.resize((SIZE * SCALE, SIZE * SCALE))
    draw = ImageDraw.Draw(image)
    for n in range(2):
        x = dice.below(SIZE) * SCALE
        r = (90 + dice.below(70)) * SCALE
        y = (200 + 25 * n) * SCALE
        draw.ellipse((x - 2 * r, y - r // 3, x + 2 * r, y + 2 * r),
                     fill=color(hue + 0.3 + 0.05 * n, 0.35, 0.70 - 0.15 * n))
    return image, draw


def head(dice, draw, hue):
    def oval(x, y, w, h, fill):
        draw.ellipse([v * SCALE for v in (x - w, y - h, x + w, y + h)],
                     fill=fill)

    tone = dice.below(len(SKIN))
    skin = SKIN[tone]
    hair = HAIR[dice.below(2 if tone >= 4 else len(HAIR))]
    shirt = color(hue + 0.5, 0.55, 0.75)
    shape = dice.below(4)
    if shape >= 2:                                      # long hair
        oval(128, 130, 62, 74 + 12 * (shape - 2), hair)
    oval(128, 268, 92, 78, shirt)
    draw.rounded_rectangle([v * SCALE for v in (108, 160, 148, 212)],
                           20 * SCALE, fill=skin)
    oval(128, 122, 46, 58, skin)
    draw.pieslice([v * SCALE for v in (78, 52, 178, 152)], 180, 360, fill=hair)
    if shape == 1:                                      # knot
        oval(128, 50, 20, 18, hair)
    for x in (110, 146):
        oval(x, 124, 5, 5, "#231c19")
    draw.arc([v * SCALE for v in (110, 132, 146, 156)], 20, 160,
             fill="#7a3b33", width=4 * SCALE)


def main():
    folder, *names = sys.argv[1:]
    for name in names:
        dice = Dice(name)
        hue = dice.below(256) / 256
        image, draw = sky(dice, hue)
        head(dice, draw, hue)
        image.resize((SIZE, SIZE), Image.LANCZOS).save(
            f"{folder}/{name}.jpg", quality=82, optimize=True)


main()
