"""`dawr check`: reads settings and names every mistake in them, also those between a centre and its devices."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from dawr.language import LANGUAGES, own_language
from dawr.settings.centre import Centre, read_centre
from dawr.settings.devices import DEVICES, CounterDevice, KioskDevice, beside
from dawr.settings.mistakes import Mistake, MistakenSettings, Table, WrongKey, checked, load
from dawr.settings.server import SERVER_FILE, ServerSettings, about_its_files, against_centre
from dawr.text import without_isolates
from dawr.words import Words

CENTRE_FILE = "centre.toml"


@click.command()
@click.argument("paths", metavar="FILE|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the sentences; else by LANG.")
def main(paths: tuple[Path, ...], language: str | None) -> None:
    """Check settings and name every mistake in them.

    Give files, or folders: of a folder every .toml file is read, also in the folders inside it. A device's file,
    and the server's, is compared with the centre.toml beside it as well.

    Mistakes go to standard error, one a line. Exit code: 0 all right, 2 mistakes.
    """
    files = [file for path in paths for file in settings_files(path)]
    found = mistakes_in(files) if files else [Mistake(str(paths[0]), "-", "no_toml_file")]
    words = Words(language or own_language())
    for mistake in found:
        click.echo(mistake.line(words), err=True)
    if found:
        sys.exit(2)
    click.echo(without_isolates(words("mistake.none", count=len(files))))


def settings_files(path: Path) -> list[Path]:
    """The file itself, or every TOML file in the folder."""
    return sorted(path.rglob("*.toml")) if path.is_dir() else [path]


def mistakes_in(files: Iterable[Path]) -> list[Mistake]:
    """Every mistake in these files, and between devices and the centre of their folder."""
    found: list[Mistake] = []
    right: dict[Path, Table] = {}
    for file in files:
        try:
            right[file] = read_any(file)
        except MistakenSettings as mistaken:
            found += mistaken.mistakes
    for file, settings in right.items():
        wrongs = [*_against_centre(file, settings), *_second_of_its_name(file, settings, right)]
        found += (wrong.in_file(str(file)) for wrong in wrongs)
    return found


def read_any(file: Path) -> Table:
    """The settings in a file, whatever they are about. `MistakenSettings` with every mistake."""
    data = load(file)
    if file.name == SERVER_FILE:
        return checked(ServerSettings, data, str(file))
    for table, model in DEVICES.items():
        # A centre has [[kiosk]] and [[counter]], which are lists.
        if isinstance(data.get(table), dict):
            return checked(model, data, str(file))
    if any((field.alias or name) in data for name, field in Centre.model_fields.items()):
        return checked(Centre, data, str(file))
    tables = ", ".join(f"[{table}]" for table in DEVICES)
    raise MistakenSettings([Mistake(str(file), "-", "no_settings", {"tables": tables})])


def _against_centre(file: Path, settings: Table) -> Iterator[WrongKey]:
    if isinstance(settings, KioskDevice):
        copy = settings.kiosk.centre
        if copy and not Path(copy).is_absolute() and not beside(file, copy).is_file():
            yield WrongKey("kiosk.centre", "no_centre_file", value=copy)
    if isinstance(settings, ServerSettings):
        yield from about_its_files(settings, file)
    centre = _centre_beside(file)
    if centre and isinstance(settings, ServerSettings):
        yield from against_centre(settings, centre)
    if centre and isinstance(settings, KioskDevice):
        yield from _known("kiosk.id", settings.kiosk.id, (kiosk.id for kiosk in centre.kiosks), "kiosk")
        for place, button in enumerate(settings.buttons, 1):
            yield from _known(f"button[{place}].service", button.service, centre.service, "service")
    if centre and isinstance(settings, CounterDevice):
        yield from _known("counter.id", settings.counter.id, centre.counter, "counter")


def _centre_beside(file: Path) -> Centre | None:
    """The centre of a device's folder; None when there is none, or none that could be read."""
    try:
        return read_centre(file.parent / CENTRE_FILE)
    except MistakenSettings:
        return None


def _second_of_its_name(file: Path, settings: Table, others: dict[Path, Table]) -> Iterator[WrongKey]:
    """Two kiosks of one id would give the same numbers."""
    if not isinstance(settings, KioskDevice):
        return
    for other, its in others.items():
        if other == file:
            return
        if other.parent == file.parent and isinstance(its, KioskDevice) and its.kiosk.id == settings.kiosk.id:
            yield WrongKey("kiosk.id", "kiosk_twice", value=its.kiosk.id, other=other.name)


def _known(key: str, value: str, known: Iterable[str], kind: str) -> Iterator[WrongKey]:
    known = sorted(known)
    if value not in known:
        yield WrongKey(key, f"no_{kind}_in_centre", value=value, known=", ".join(known) or "–")


if __name__ == "__main__":
    main()
