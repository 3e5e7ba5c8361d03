"""Pages and their files as they go over the wire: compressed for browsers that can read it, which all of today's can.

Scripts and styles lie compressed beside themselves since they were built; a page is compressed when it is made, in a
millisecond or two. Fonts and pictures are compressed already.
"""

import gzip
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

ENOUGH_BYTES = 1000
"""Less than this goes into one packet anyway."""
LEVEL = 6


def serve_files(app: Flask, version: str, for_s: int) -> None:
    """Serve the app's static files, compressed where they lie so; one that is asked for by its version for so long."""
    folder = Path(app.static_folder or "")

    def send(filename: str) -> Response:
        packed = f"{filename}.gz" if _can_read_gzip() and (folder / f"{filename}.gz").is_file() else None
        asked_by_version = request.args.get("v") == version
        answer = send_from_directory(folder, packed or filename, max_age=for_s if asked_by_version else None)
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
            answer.mimetype = "text/javascript" if filename.endswith(".js") else "text/css"
            del answer.headers["Content-Disposition"]  # which would name the other file
        if filename.endswith((".js", ".css")):
            answer.vary.add("Accept-Encoding")
        return answer

    app.view_functions["static"] = send


def compressed(answer: Response) -> Response:
    """The page, compressed if whoever asks can read that."""
    if answer.mimetype != "text/html" or answer.direct_passthrough or answer.content_encoding:
        return answer
    answer.vary.add("Accept-Encoding")
    page = answer.get_data()
    if len(page) >= ENOUGH_BYTES and _can_read_gzip():
        answer.set_data(gzip.compress(page, LEVEL, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _can_read_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0
