"""What the first load of each page costs a browser that has nothing of it: bytes over the wire, and requests.

    python -m benchmarks.first_load [--config config/tartous-main/centre.toml]

Chromium itself counts: every answer with its headers, as it came over the wire, until nothing has come for a second.
What the page's open line (a WebSocket) brings meanwhile is counted apart.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from server.pages.site import PAGES
from tests.browser import DESK, PHONE, running_browser
from tests.server.running import RunningServer

QUIET_MS = 1000


@dataclass
class Load:
    """What came: requests, bytes of all, of the fonts among them, and over the open line."""

    requests: int = 0
    bytes: int = 0
    fonts: int = 0
    line: int = 0


def load(browser: Browser, address: str, size: dict[str, int]) -> Load:
    """Load a page in a browser without a cache."""
    context = browser.new_context(viewport=size)
    page = context.new_page()
    network, found, kinds = context.new_cdp_session(page), Load(), dict[str, str]()

    def came(event: Any) -> None:
        found.requests += 1
        found.bytes += int(event["encodedDataLength"])
        found.fonts += int(event["encodedDataLength"]) if kinds.get(event["requestId"]) == "Font" else 0

    def told(event: Any) -> None:
        found.line += len(event["response"]["payloadData"].encode())

    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    network.on("Network.loadingFinished", came)
    network.on("Network.webSocketFrameReceived", told)
    network.send("Network.enable")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    context.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("config/tartous-main/centre.toml"))
    settings: str = parser.parse_args().config.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        server = RunningServer(Path(folder), settings=settings)
        counter = server.get("/counters").json["counters"][0]["id"]
        service = server.get("/services").json["services"][0]["id"]
        ticket = server.post("/tickets", {"service": service}).json["id"]
        pages = {page.path.replace("{counter}", counter): DESK for page in PAGES}
        pages |= {f"/t/{ticket}": PHONE, "/public": PHONE}
        print("| page | KB | of which fonts | requests | over the open line, KB |\n|---|---|---|---|---|")
        for path, size in pages.items():
            found = load(browser, server.address + path, size)
            name = path.replace(ticket, "<code>")
            figures = (
                f"{found.bytes / 1000:.1f} | {found.fonts / 1000:.1f} | {found.requests} | {found.line / 1000:.1f}"
            )
            print(f"| `{name}` | {figures} |")
        server.kill()


if __name__ == "__main__":
    main()
