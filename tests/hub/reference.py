# SPDX-License-Identifier: Apache-2.0
"""References (doc/code.md, section 6) and what they are printed as: an implementation of its own."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Code 128: the widths of bars and spaces of each symbol character, the stop last.
WIDTHS = """212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121
111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331
231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421
141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131
311141 411131 211412 211214 211232 2331112""".split()
START_B, STOP = 104, 106


def identifier(serial):
    """The identifier of a serial number: ISO/IEC 7064, MOD 37,36."""
    body = "".join(c for c in serial.upper() if c.isalnum()).replace("O", "0").replace("I", "1")
    product = 36
    for c in body:
        product = ((product + DIGITS.index(c)) % 36 or 36) * 2 % 37
    return body + DIGITS[(37 - product) % 36].replace("O", "0").replace("I", "1")


def number(digits):
    """Digits with the check digit of GS1."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def code128(text, path, module=3, height=120):
    """A PGM picture of the text."""
    values = [START_B, *(ord(c) - 32 for c in text)]
    values += [(values[0] + sum(i * v for i, v in enumerate(values[1:], 1))) % 103, STOP]
    row, dark = [255] * (10 * module), True
    for width in "".join(WIDTHS[v] for v in values):
        row += [0 if dark else 255] * (int(width) * module)
        dark = not dark
    row += [255] * (10 * module)
    blank = bytes([255] * len(row) * 20)
    path.write_bytes(b"P5 %d %d 255\n" % (len(row), height + 40) + blank + bytes(row) * height + blank)
    return path
