"""Looks at the built pages: every link inside leads somewhere, and nothing comes from another host."""

import html.parser
import pathlib
import sys
import urllib.parse
from collections.abc import Iterator

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""The elements that make a browser fetch something, and where they say what."""


class _Page(html.parser.HTMLParser):
    """What a page loads, where it links to, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        found = {name: value or "" for name, value in attrs}
        self.places.add(found.get("id", ""))
        if tag in LOADED and LOADED[tag] in found:
            self.loaded.append(found[LOADED[tag]])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])


def problems(folder: pathlib.Path) -> Iterator[str]:
    """What is wrong with the pages in a folder, a line each."""
    pages = {path.resolve(): _Page(path.read_text()) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        for url in (*page.loaded, *page.links):
            parts = urllib.parse.urlsplit(url)
            if parts.scheme or parts.netloc:
                if url in page.loaded and parts.scheme != "data":
                    yield f"{path.name} loads {url}"
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{path.name} links to {url}, which does not exist"
            elif parts.fragment and target in pages:
                place = urllib.parse.unquote(parts.fragment)
                if place not in pages[target].places and place != "top":
                    yield f"{path.name} links to {url}, a place that does not exist"
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text()
        for start in ("url(http", "url(//", 'url("http', "url('http", "@import"):
            if start in text:
                yield f"{path.name} has {start}"


if __name__ == "__main__":
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "every link leads somewhere, and nothing comes from another host")
    sys.exit(bool(found))
