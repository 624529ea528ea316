# SPDX-License-Identifier: Apache-2.0
"""
Pictures of enrollment codes under the conditions of real life, made from seeds.

A picture is a function of its condition, its code and its seed, so that two runs measure the same thing. Codes are
drawn by qrencode and seen by a pinhole camera: every pixel is the mean of nine rays through the plane (or the
cylinder) on which the code is printed.
"""

import io
import subprocess

import numpy
from PIL import Image

WIDTH, HEIGHT = 1280, 720
FOCAL = 1100  # pixels: the field of view of a usual camera is some 60 degrees
QUIET = 4  # modules
RAYS = 3  # a side, for each pixel
VERSIONS = (5, 7, 8, 10, 12, 15, 20, 25)
# Bytes that level M of a version holds in byte mode, and characters in alphanumeric mode (ISO/IEC 18004, table 7).
CAPACITY = {5: (84, 122), 7: (122, 178), 8: (152, 221), 10: (213, 311), 12: (287, 419), 15: (412, 600),
            20: (666, 970), 25: (997, 1451)}
ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Code:
    """A code of one version: its payload, text or binary, and its modules (True is dark)."""

    def __init__(self, version, is_text, seed):
        random = numpy.random.default_rng([seed, version, is_text])
        self.version, self.is_text = version, is_text
        n_binary, n_text = CAPACITY[version]
        if is_text:
            self.payload = b"ENR1:" + bytes(random.choice(list(ALPHANUMERIC), n_text - 9).tolist())
        else:
            self.payload = b"\xd2\x84" + random.bytes(n_binary - 4)
        self.modules = self._draw()

    def _draw(self):
        command = ["qrencode", "-t", "ASCII", "-m", "0", "-l", "M", "-v", str(self.version), "-o", "-"]
        if not self.is_text:
            command.append("-8")
        drawn = subprocess.run(command, input=self.payload, stdout=subprocess.PIPE, check=True).stdout.decode()
        modules = numpy.array([[c == "#" for c in line[::2]] for line in drawn.splitlines()])
        assert modules.shape == (17 + 4 * self.version,) * 2, modules.shape
        return modules


def degrees(angle):
    return angle * numpy.pi / 180


def rotation(roll, yaw, pitch):
    """From the plane of the code to the camera; the angles are in degrees."""
    roll, yaw, pitch = degrees(roll), degrees(yaw), degrees(pitch)
    about_z = numpy.array([[numpy.cos(roll), -numpy.sin(roll), 0], [numpy.sin(roll), numpy.cos(roll), 0], [0, 0, 1]])
    about_y = numpy.array([[numpy.cos(yaw), 0, numpy.sin(yaw)], [0, 1, 0], [-numpy.sin(yaw), 0, numpy.cos(yaw)]])
    about_x = numpy.array(
        [[1, 0, 0], [0, numpy.cos(pitch), -numpy.sin(pitch)], [0, numpy.sin(pitch), numpy.cos(pitch)]])
    return about_x @ about_y @ about_z


def plane_to_picture(turn):
    """The homography from the plane (pixels about its middle) to the picture (pixels about its middle)."""
    return numpy.array([[turn[0, 0], turn[0, 1], 0], [turn[1, 0], turn[1, 1], 0],
                        [turn[2, 0] / FOCAL, turn[2, 1] / FOCAL, 1]])


def ground(condition, random, width, height):
    """What is around the code: one shade, or boxes and stripes of all shades."""
    if not condition.get("busy"):
        return numpy.full((height, width), condition.get("ground", 150), dtype=float)
    picture = numpy.full((height, width), 120.0)
    for _ in range(400):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(3, 120), random.integers(3, 120)
        picture[y:y + h, x:x + w] = random.integers(0, 256)
    return picture


def shades(code, x, y, light, dark, quiet):
    """The shade at each place of the label, in modules from its middle, and whether the label is there."""
    size = code.modules.shape[0]
    column = numpy.floor(x + size / 2).astype(int)
    row = numpy.floor(y + size / 2).astype(int)
    inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
    on_label = (numpy.abs(x) <= size / 2 + quiet) & (numpy.abs(y) <= size / 2 + quiet)
    is_dark = inside & code.modules[numpy.clip(row, 0, size - 1), numpy.clip(column, 0, size - 1)]
    return numpy.where(is_dark, dark, light), on_label


def side(code, condition):
    """Of the code without its quiet zone, in pixels, seen straight on."""
    return code.modules.shape[0] * condition.get("pixels", 4)


def project(code, condition, random, picture):
    """Draws the label into the picture."""
    pixels = condition.get("pixels", 4)
    dark, light = condition.get("dark", 30), condition.get("light", 220)
    turn = rotation(condition.get("roll", 0), condition.get("yaw", 0), condition.get("pitch", 0))
    back = numpy.linalg.inv(plane_to_picture(turn))
    size = code.modules.shape[0]
    off = random.uniform(-0.5, 0.5, 2)  # of a pixel: the grid of the sensor is not that of the label
    reach = [int(min(n, side(code, condition) * 1.6 + 60)) // 2 for n in picture.shape]
    window = tuple(slice(n // 2 - r, n // 2 + r) for n, r in zip(picture.shape, reach))
    total, there = numpy.zeros_like(picture[window]), numpy.zeros_like(picture[window])
    row, column = numpy.mgrid[-reach[0]:reach[0], -reach[1]:reach[1]]
    for i in range(RAYS * RAYS):
        u = column + (i % RAYS + 0.5) / RAYS + off[0]
        v = row + (i // RAYS + 0.5) / RAYS + off[1]
        w = back[2, 0] * u + back[2, 1] * v + back[2, 2]
        x = (back[0, 0] * u + back[0, 1] * v + back[0, 2]) / w / pixels
        y = (back[1, 0] * u + back[1, 1] * v + back[1, 2]) / w / pixels
        if "radius" in condition:
            radius = condition["radius"] * size
            x = numpy.where(numpy.abs(x) < radius, radius * numpy.arcsin(numpy.clip(x / radius, -1, 1)), size)
        shade, on_label = shades(code, x, y, light, dark, condition.get("quiet", QUIET))
        total += numpy.where(on_label, shade, 0)
        there += on_label
    picture[window] = picture[window] * (1 - there / RAYS**2) + total / RAYS**2
    return picture


def blurred(picture, sigma):
    reach = int(3 * sigma) + 1
    kernel = numpy.exp(-numpy.arange(-reach, reach + 1)**2 / (2 * sigma**2))
    return filtered(filtered(picture, kernel / kernel.sum(), 0), kernel / kernel.sum(), 1)


def filtered(picture, kernel, axis):
    reach = len(kernel) // 2
    padded = numpy.pad(picture, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
    n = picture.shape[axis]
    return sum(k * padded.take(range(i, i + n), axis=axis) for i, k in enumerate(kernel))


def covered(code, condition, random, picture):
    """What lies on the label: a thumb, a torn corner, a reflection, a shadow's edge."""
    height, width = picture.shape
    row, column = numpy.mgrid[0:height, 0:width]
    unit = side(code, condition)
    x, y = (column - width / 2) / unit, (row - height / 2) / unit  # the code reaches from -0.5 to 0.5
    if "occlusion" in condition:
        half = condition["occlusion"]**0.5 / 2
        at = random.uniform(-0.15, 0.2, 2)
        picture = numpy.where((abs(x - at[0]) < half) & (abs(y - at[1]) < half), 128, picture)
    if "torn" in condition:
        picture = numpy.where(x + y > 1 - condition["torn"], condition.get("ground", 150), picture)
    if "glare" in condition:
        at = random.uniform(-0.2, 0.2, 2)
        spot = numpy.exp(-((x - at[0])**2 + (y - at[1])**2) / (2 * condition["glare"]**2))
        picture = picture + 255 * spot
    if "shadow" in condition:
        picture = numpy.where(x * 0.8 + y * 0.6 < random.uniform(-0.1, 0.1), picture * condition["shadow"], picture)
    return picture


def render(code, condition, seed):
    """A grey picture, an array of bytes, of the code under the condition."""
    random = numpy.random.default_rng([seed, code.version, code.is_text])
    condition = {name: value(random) if callable(value) else value for name, value in condition.items()}
    least = int(side(code, condition) * 1.45) + 40
    width, height = condition.get("size", (max(WIDTH, least), max(HEIGHT, least)))
    picture = project(code, condition, random, ground(condition, random, width, height))
    picture = covered(code, condition, random, picture)
    if condition.get("inverse"):
        picture = 255 - picture
    if "blur" in condition:
        picture = blurred(picture, condition["blur"])
    if "motion" in condition:
        n = condition["motion"]
        picture = filtered(picture, numpy.full(n, 1 / n), 1)
    picture = picture + random.normal(0, condition.get("noise", 2), picture.shape)
    return packed(picture, condition.get("jpeg"))


def packed(picture, quality):
    """The picture as bytes, having been a JPEG of this quality unless it is None."""
    grey = numpy.clip(picture + 0.5, 0, 255).astype(numpy.uint8)
    if quality is None:
        return grey
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=quality)
    return numpy.asarray(Image.open(file))


def between(low, high):
    return lambda random: random.uniform(low, high)


# Name, group, what is unusual about it. Pixels are 4 a module unless said otherwise.
CONDITIONS = [
    ("1.5 px a module", "size", {"pixels": 1.5}),
    ("2 px a module", "size", {"pixels": 2}),
    ("2.5 px a module", "size", {"pixels": 2.5}),
    ("3 px a module", "size", {"pixels": 3}),
    ("4 px a module", "size", {}),
    ("6 px a module", "size", {"pixels": 6}),
    ("9 px a module", "size", {"pixels": 9}),
    ("roll, any", "angle", {"roll": between(0, 360)}),
    ("roll 45", "angle", {"roll": 45}),
    ("yaw 15", "angle", {"yaw": 15}),
    ("yaw 20", "angle", {"yaw": 20}),
    ("yaw 30", "angle", {"yaw": 30}),
    ("yaw 45", "angle", {"yaw": 45}),
    ("pitch 30", "angle", {"pitch": 30}),
    ("yaw and pitch 15, any roll", "angle", {"yaw": 15, "pitch": 15, "roll": between(0, 360)}),
    ("yaw and pitch 30", "angle", {"yaw": 30, "pitch": -30}),
    ("blur sigma 1", "sharpness", {"blur": 1}),
    ("blur sigma 1.5", "sharpness", {"blur": 1.5}),
    ("blur sigma 2", "sharpness", {"blur": 2}),
    ("motion 4 px", "sharpness", {"motion": 4}),
    ("motion 6 px", "sharpness", {"motion": 6}),
    ("noise sigma 20", "light", {"noise": 20}),
    ("noise sigma 40", "light", {"noise": 40}),
    ("contrast 40", "light", {"dark": 100, "light": 140, "ground": 120}),
    ("contrast 20", "light", {"dark": 110, "light": 130, "ground": 120}),
    ("white is 40", "light", {"dark": 4, "light": 40, "ground": 20}),
    ("shadow edge to a half", "light", {"shadow": 0.5}),
    ("shadow edge to a quarter", "light", {"shadow": 0.25}),
    ("glare", "light", {"glare": 0.06}),
    ("inverse", "print", {"inverse": True}),
    ("cylinder of radius 2 sides", "print", {"radius": 2}),
    ("cylinder of radius 1 side", "print", {"radius": 1}),
    ("4 % covered", "print", {"occlusion": 0.04}),
    ("torn corner", "print", {"torn": 0.12}),
    ("no quiet zone", "print", {"quiet": 0, "ground": 60}),
    ("busy ground", "print", {"busy": True}),
    ("JPEG quality 10", "print", {"jpeg": 10}),
    ("hand-held", "mix", {"roll": between(0, 360), "yaw": between(-25, 25), "pitch": between(-25, 25), "busy": True,
                          "pixels": between(3.5, 6), "blur": 1, "noise": 8, "shadow": 0.6, "jpeg": 60}),
    ("hand-held, far", "mix", {"roll": between(0, 360), "yaw": between(-25, 25), "pitch": between(-25, 25),
                               "pixels": between(2, 3), "blur": 0.7, "noise": 6, "jpeg": 70}),
    ("hand-held, dim", "mix", {"roll": between(0, 360), "yaw": between(-35, 35), "pitch": between(-35, 35), "busy": True,
                               "pixels": between(3, 6), "dark": 15, "light": 70, "blur": 1.2, "noise": 10, "motion": 3}),
    ("12 Mpx, 20 px a module", "mix", {"size": (4000, 3000), "pixels": 20, "noise": 6, "busy": True}),
]
