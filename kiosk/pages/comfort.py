"""The page on which a visitor makes the screen easier to use. Its switches stand low, within everyone's reach."""

from collections.abc import Iterator

from dawr.boxes import Box
from kiosk.pages.frame import framed
from kiosk.pages.look import Look
from kiosk.scene import Card, Icon, Item, Target
from kiosk.visit import Back, Mode, Switch


def comfort(look: Look) -> list[Item]:
    """A switch for each mode."""
    items, box = framed(look, look.words("kiosk.comfort"), depth=1)
    measures = look.measures
    modes: list[Mode] = ["large", "contrast", *(("low",) if measures.tall else ())]
    high = max(measures.tile, min(measures.mm(34), (box.height - len(modes) * measures.gap) // (len(modes) + 1)))
    everything = (high + measures.gap) * (len(modes) + 1) - measures.gap
    box = box.base(min(box.height, everything))
    for place, mode in enumerate(modes):
        items += _switch(look, Box(box.x, box.y + place * (high + measures.gap), box.width, high), mode)
    items += look.button(box.base(high), Back(), look.words("kiosk.done"), icon="check", kind="main", size=1.2)
    return items


def _switch(look: Look, box: Box, mode: Mode) -> Iterator[Item]:
    on = bool(getattr(look.visit.comfort, mode))
    measures, theme = look.measures, look.theme
    wide, high = measures.mm(20), measures.mm(10)
    end = box.end(wide + 2 * measures.gap)
    yield from look.tile(
        box,
        Switch(mode),
        look.words(f"kiosk.{mode}"),
        look.words(f"kiosk.{mode}_note"),
        icon=mode,
        kind="chosen" if on else "plain",
    )
    pill = end.middle(wide, high)
    yield Card(pill, theme.accent if on else theme.closed, high // 2, theme.tint_ink, max(2, measures.mm(0.4)))
    knob = pill.inset(measures.mm(1.4))
    knob = knob.end(knob.height) if on else knob.left(knob.height)
    yield Card(knob, theme.accent_ink if on else theme.closed_ink, knob.height // 2)
    if on:
        yield Icon("check", knob.inset(knob.height // 6), theme.accent)
    yield Target(box, Switch(mode))
