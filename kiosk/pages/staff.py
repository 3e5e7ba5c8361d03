"""The page that staff open by touching the marks in the corner: what is wrong with this kiosk, and what to do."""

from dawr.boxes import Box
from dawr.messages import Note
from dawr.words import Words
from kiosk.pages.frame import framed
from kiosk.pages.look import NOTE, SMALL, Look
from kiosk.scene import Card, Item, height_of


def staff(look: Look) -> list[Item]:
    """Each note as a sentence, as large as all of them allow."""
    items, box = framed(look, look.words("staff.title"), depth=1)
    said = [sentence(look.words, note) for note in look.around.notes] or [look.words("staff.all_well")]
    gap, pad = look.measures.gap, look.measures.mm(1.5 if look.measures.compact else 3)
    size = SMALL if look.measures.compact else NOTE
    most = (box.height - gap * (len(said) - 1)) // len(said)
    for place, text in enumerate(said):
        room = Box(box.x, box.y, box.width, most).inset(2 * pad, pad)
        lines = look.text(text, room, size=size, colour=look.theme.warn_ink)
        card = box.top(height_of(lines) + 2 * pad)
        items += [Card(card, look.theme.warn, look.measures.radius), *lines]
        if place + 1 < len(said):
            box = box.below(card.height + gap)
    return items


def sentence(words: Words, note: Note) -> str:
    """A note in words."""
    return words(note.key, **note.facts)
