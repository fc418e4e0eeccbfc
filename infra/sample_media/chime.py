"""The sound: five notes of a bell, as if a neighbour rings."""

import math
from array import array

SAMPLE_RATE = 44_100
DURATION_S = 4.0
NOTES = ((0.00, 587.33), (0.32, 739.99), (0.64, 880.00), (0.96, 1174.66), (1.60, 880.00))
"""(beginning in seconds, frequency in Hz): D, F sharp, A, D, and A once more."""
PARTIALS = ((1.0, 1.0, 2.2), (2.0, 0.45, 3.4), (3.01, 0.2, 5.0), (4.17, 0.1, 8.0))
"""(multiple of the note, loudness, speed of fading). A bell's upper partials are not quite harmonic."""


def samples() -> array[int]:
    """Mono, 16 bits."""
    total = round(SAMPLE_RATE * DURATION_S)
    mix = [0.0] * total
    for begins_at, frequency in NOTES:
        first = round(begins_at * SAMPLE_RATE)
        for multiple, loudness, fading in PARTIALS:
            step = math.tau * frequency * multiple / SAMPLE_RATE
            for n in range(total - first):
                mix[first + n] += loudness * math.sin(step * n) * math.exp(-fading * n / SAMPLE_RATE)
    loudest = max(map(abs, mix))
    return array("h", (round(value / loudest * 0.7 * 32_767 * _edge(n, total)) for n, value in enumerate(mix)))


def _edge(n: int, total: int) -> float:
    """The loudness at sample `n`: a soft beginning without a click, and a fade to silence at the end."""
    return min(1.0, n / 200, (total - n) / (0.8 * SAMPLE_RATE))
