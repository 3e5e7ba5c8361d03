"""The certificate of the centre's authority for whoever asks, at `/ca.pem`: devices that are paired, and browsers."""

from pathlib import Path

from flask import Blueprint, Response, abort

from dawr.pin import CA_FILE, CA_PATH
from server.transport import FOLDER

MEDIA_TYPE = "application/x-x509-ca-cert"


def ca_page(data: Path) -> Blueprint:
    """The one address; there is nothing at it where no authority was made."""
    page = Blueprint("ca", __name__)

    @page.get(CA_PATH)
    def certificate() -> Response:
        try:
            return Response((data / FOLDER / CA_FILE).read_bytes(), mimetype=MEDIA_TYPE)
        except FileNotFoundError:
            abort(404)

    return page
