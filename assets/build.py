"""Fetches the fonts and the browser's libraries from npm and puts them where the packages carry them.

Run by set-up and by the wheel's build hook. Nothing that it makes is in git, and a built wheel needs neither
node nor a network. Only the standard library is used, so that any Python 3.11 can run it.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FONTS = HERE / "node_modules" / "vazirmatn"
DRAWN_WEIGHTS = ("Regular", "Medium", "Bold", "Black")
WEB_WEIGHTS = ("Regular", "Bold")
FONT_FOLDER = ROOT / "dawr" / "fonts"
PAGES = HERE / "pages"
WEB_FOLDERS = {room: ROOT / room / "static" for room in ("demo", "server")}
FOLDERS = (FONT_FOLDER, *WEB_FOLDERS.values())
MARK = "built_from"


def build() -> bool:
    """Bring every output up to date; return False when there was nothing to do."""
    if is_up_to_date():
        return False
    fetch_packages()
    for folder in FOLDERS:
        folder.mkdir(parents=True, exist_ok=True)
    copy_fonts()
    bundle_pages()
    compress_pages()
    for folder in FOLDERS:
        (folder / MARK).write_text(digest_of_inputs())
    return True


def is_up_to_date() -> bool:
    marks = [folder / MARK for folder in FOLDERS]
    return all(mark.is_file() and mark.read_text() == digest_of_inputs() for mark in marks)


def digest_of_inputs() -> str:
    digest = hashlib.sha256()
    for path in [HERE / "build.py", HERE / "package-lock.json", *sorted(PAGES.rglob("*"))]:
        if path.is_file():
            digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def fetch_packages() -> None:
    # No package of ours needs an install script, so none may run. Without a network, npm would try for minutes.
    patience = ("--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *patience)


def copy_fonts() -> None:
    """Copy the drawn and the web fonts, each with its licence beside it, as the Open Font License asks."""
    for weight in DRAWN_WEIGHTS:
        copy(FONTS / "fonts" / "ttf" / f"Vazirmatn-{weight}.ttf", FONT_FOLDER)
    for folder in WEB_FOLDERS.values():
        for weight in WEB_WEIGHTS:
            copy(FONTS / "fonts" / "webfonts" / f"Vazirmatn-{weight}.woff2", folder)
    for folder in FOLDERS:
        copy(FONTS / "OFL.txt", folder, "Vazirmatn-OFL.txt")


def bundle_pages() -> None:
    """Bundle each script and style of pages/<room>/ with what it imports into one file that a page of it can load.

    What pages share lies in pages/shared/. A style names the fonts by their bare names: they lie in the same folder.
    """
    esbuild = HERE / "node_modules" / ".bin" / "esbuild"
    for room, folder in WEB_FOLDERS.items():
        run(
            esbuild,
            *sorted(str(path.relative_to(HERE)) for kind in ("*.js", "*.css") for path in (PAGES / room).glob(kind)),
            "--bundle",
            "--minify",
            "--format=esm",
            # What the televisions of 2020 have (webOS 5, Tizen 5.5); it costs 0.2 % of the bytes.
            "--target=chrome68",
            "--charset=utf8",
            "--legal-comments=linked",
            "--external:*.woff2",
            f"--outdir={folder}",
        )


def compress_pages() -> None:
    """Lay each script and style of the server beside itself as it goes over the wire."""
    folder = WEB_FOLDERS["server"]
    for file in (*folder.glob("*.js"), *folder.glob("*.css")):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def run(program: str | Path, *arguments: str) -> None:
    """Run one of node's programs in this folder; node may have come from PyPI and lie beside this Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    program = shutil.which(program, path=path) or program
    subprocess.run([program, *arguments], cwd=HERE, env={**os.environ, "PATH": path}, check=True)


def copy(source: Path, folder: Path, name: str = "") -> None:
    """Copy in one step: a running kiosk has the fonts mapped, and dies when one is rewritten under it."""
    target = folder / (name or source.name)
    shutil.copyfile(source, target.with_suffix(".new"))
    target.with_suffix(".new").replace(target)


if __name__ == "__main__":
    print("Fonts and page scripts built." if build() else "Fonts and page scripts are up to date.")
