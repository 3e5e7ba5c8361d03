"""The chime before an announcement: three soft bell tones, made by arithmetic.

Falling and with slow decay, so that it is heard in a full hall without startling anyone.
"""

from array import array
from itertools import chain
from math import exp, pi, sin

RATE = 22050
CHANNELS = 1

# A descending major triad in the middle of the ear's range: G5, E5, C5.
TONES_HZ = (783.99, 659.26, 523.25)
TONE_EVERY_S, LAST_TONE_S, ATTACK_S = 0.32, 1.1, 0.008
# A bell is its ground tone, with quieter overtones that die sooner: multiple, loudness, decay in seconds.
PARTIALS = ((1.0, 1.0, 0.42), (2.0, 0.34, 0.26), (3.01, 0.12, 0.14))
PEAK = 0.5


def chime(rate: int = RATE) -> bytes:
    """The chime as 16-bit mono samples of this rate in a second."""
    length = int(rate * (TONE_EVERY_S * (len(TONES_HZ) - 1) + LAST_TONE_S))
    mixed = [0.0] * length
    for place, hertz in enumerate(TONES_HZ):
        begin = int(rate * TONE_EVERY_S * place)
        for sample in range(length - begin):
            mixed[begin + sample] += _bell(hertz, sample / rate)
    loudest = max(map(abs, mixed))
    fade = int(0.05 * rate)
    faded = chain(mixed[:-fade], (value * (fade - place) / fade for place, value in enumerate(mixed[-fade:])))
    return array("h", (int(value / loudest * PEAK * 32767) for value in faded)).tobytes()


def silence(seconds: float, rate: int = RATE) -> bytes:
    """Samples of nothing."""
    return bytes(2 * int(rate * seconds))


def _bell(hertz: float, at_s: float) -> float:
    tone = sum(
        loudness * sin(2 * pi * hertz * multiple * at_s) * exp(-at_s / decay_s)
        for multiple, loudness, decay_s in PARTIALS
    )
    return tone * min(1.0, at_s / ATTACK_S)
