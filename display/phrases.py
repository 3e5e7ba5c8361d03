"""The finite set of phrases that the board speaks: how each is said, and which of them make up a number.

The clips are named after these: `ar/number-17`, `ar/and-number-17`, `en/letter-A`, `ar/go-to-counter`. Arabic is
vowelled by hand, because speech synthesis drops the short vowels of plain text.
"""

from typing import Literal, assert_never

Language = Literal["ar", "en"]

LARGEST = 9999

_ARABIC_TO_19 = (
    "صِفْر، وَاحِد، اِثْنَان، ثَلَاثَة، أَرْبَعَة، خَمْسَة، سِتَّة، سَبْعَة، ثَمَانِيَة، تِسْعَة، عَشَرَة،"
    " أَحَدَ عَشَر، اِثْنَا عَشَر، ثَلَاثَةَ عَشَر، أَرْبَعَةَ عَشَر، خَمْسَةَ عَشَر، سِتَّةَ عَشَر، سَبْعَةَ عَشَر، ثَمَانِيَةَ عَشَر، تِسْعَةَ عَشَر"
)
_ARABIC_TENS = "عِشْرُون، ثَلَاثُون، أَرْبَعُون، خَمْسُون، سِتُّون، سَبْعُون، ثَمَانُون، تِسْعُون"
_ARABIC_HUNDREDS = "مِئَة، مِئَتَان، ثَلَاثُمِئَة، أَرْبَعُمِئَة، خَمْسُمِئَة، سِتُّمِئَة، سَبْعُمِئَة، ثَمَانِمِئَة، تِسْعُمِئَة"
_ARABIC_THOUSANDS = "أَلْف، أَلْفَان، ثَلَاثَةُ آلَاف، أَرْبَعَةُ آلَاف، خَمْسَةُ آلَاف، سِتَّةُ آلَاف، سَبْعَةُ آلَاف، ثَمَانِيَةُ آلَاف، تِسْعَةُ آلَاف"
_ENGLISH_TO_19 = (
    "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen,"
    " sixteen, seventeen, eighteen, nineteen"
)
_ENGLISH_TENS = "twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety"


def _every(step: int, first: int, words: str) -> dict[int, str]:
    """Words in a row as the names of the numbers from `first` on."""
    return {first + step * place: word.strip() for place, word in enumerate(words.replace("،", ",").split(","))}


ARABIC_NUMBERS = {
    **_every(1, 0, _ARABIC_TO_19),
    **_every(10, 20, _ARABIC_TENS),
    **_every(100, 100, _ARABIC_HUNDREDS),
    **_every(1000, 1000, _ARABIC_THOUSANDS),
}
_ENGLISH = {**_every(1, 0, _ENGLISH_TO_19), **_every(10, 20, _ENGLISH_TENS)}
ENGLISH_NUMBERS = {
    **_ENGLISH,
    **{100 * count: f"{_ENGLISH[count]} hundred" for count in range(1, 10)},
    **{1000 * count: f"{_ENGLISH[count]} thousand" for count in range(1, 10)},
}
ARABIC_LETTERS = {
    "A": "أَيْ", "B": "بِي", "C": "سِي", "D": "دِي", "E": "إِي", "F": "إِف", "G": "جِي", "H": "إِتْش", "I": "آي",
    "J": "جَيْ", "K": "كَيْ", "L": "إِل", "M": "إِم", "N": "إِن", "O": "أُو", "P": "بِي", "Q": "كْيُو", "R": "آر",
    "S": "إِس", "T": "تِي", "U": "يُو", "V": "فِي", "W": "دَبِلْيُو", "X": "إِكْس", "Y": "وَاي", "Z": "زِد",
}  # fmt: skip


def parts_of(count: int, language: Language) -> list[str]:
    """The names of the phrases that read a number aloud, 0 to 9999, in the order of the language.

    Arabic says the units before the tens and joins every part with "and": 121 is مئة وواحد وعشرون. English says "and"
    once, after the hundreds. ValueError beyond 9999.
    """
    if not 0 <= count <= LARGEST:
        raise ValueError(f"{count} is not a number from 0 to {LARGEST}")
    thousands, hundreds, rest = count // 1000 * 1000, count % 1000 // 100 * 100, count % 100
    tens, units = (0, rest) if rest < 20 else (rest // 10 * 10, rest % 10)
    match language:
        case "ar":
            parts = [part for part in (thousands, hundreds, units, tens) if part]
            return [f"and-number-{part}" if place else f"number-{part}" for place, part in enumerate(parts or [0])]
        case "en":
            above, below = [part for part in (thousands, hundreds) if part], [part for part in (tens, units) if part]
            names = [f"number-{part}" for part in above + below] or ["number-0"]
            if above and below:
                names[len(above)] = f"and-{names[len(above)]}"
            return names
        case _:
            assert_never(language)


def phrases(language: Language) -> dict[str, str]:
    """Every phrase of a language by its name: what there is to say or to record."""
    match language:
        case "ar":
            return {
                "number": "الرَّقْم",
                "go-to-counter": "يَتَوَجَّهُ إِلَى الشُّبَّاكِ رَقْم",
                **{f"letter-{letter}": said for letter, said in ARABIC_LETTERS.items()},
                **{f"number-{part}": said for part, said in ARABIC_NUMBERS.items()},
                # Nothing is ever followed by "and zero" or "and a thousand".
                **{f"and-number-{part}": _and(said) for part, said in ARABIC_NUMBERS.items() if 0 < part < 1000},
            }
        case "en":
            return {
                "number": "number",
                "go-to-counter": "please go to counter",
                # With a full stop, "A" is the letter and not the article.
                **{f"letter-{letter}": f"{letter}." for letter in ARABIC_LETTERS},
                **{f"number-{part}": said for part, said in ENGLISH_NUMBERS.items()},
                **{f"and-number-{part}": f"and {said}" for part, said in ENGLISH_NUMBERS.items() if 0 < part < 100},
            }
        case _:
            assert_never(language)


def _and(said: str) -> str:
    """Joined to what is before it; the alif of اِثْنَان only helps a word to begin, so it is silent then."""
    return "وَ" + said.replace("اِ", "ا", 1) if said.startswith("اِ") else f"وَ{said}"


def read_aloud(count: int, language: Language) -> str:
    """A number in words, as the voice says it."""
    said = phrases(language)
    return " ".join(said[part] for part in parts_of(count, language))
