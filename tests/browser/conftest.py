"""What every story has: a company with a policy in force and a form, and a visitor at a phone and at a desk.

A story is a function in a file `story_*.py`, named after what it proves. Whenever the visitor opens, presses or follows
something, the story says which heading they then see, and what the photo is called.
"""

import os
import tempfile
from pathlib import Path

import pytest
from house import FIRST_TEXT, NEWS, OFFERS, TO_COURIER, House
from playwright.sync_api import sync_playwright
from visitor import CHROMIUM, SIZES, Visitor, cautious_context

ALBUM = pytest.StashKey()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def album(pytestconfig):
    """Where the photos go."""
    album = Path(os.environ.get("ASSENT_SCREENSHOTS") or tempfile.mkdtemp(prefix="assent-screenshots."))
    album.mkdir(parents=True, exist_ok=True)
    pytestconfig.stash[ALBUM] = album
    return album


def pytest_terminal_summary(terminalreporter, config):
    if album := config.stash.get(ALBUM, None):
        terminalreporter.write_line(f"Photos of every page: {album}")


@pytest.fixture(scope="session")
def inspector(chromium):
    """A second browser, for axe: scripts run, and the page's policy does not keep axe out."""
    browser = chromium.launch(executable_path=CHROMIUM)
    yield browser.new_context(bypass_csp=True)
    browser.close()


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def visitor(chromium, inspector, album, size, tmp_path):
    context = cautious_context(chromium, tmp_path / "profile", size)
    yield Visitor(context, inspector, album, size)
    assert context.cookies() == []
    context.close()


@pytest.fixture
def house(tmp_path):
    """The company: version 1 of its policy names news and a courier."""
    house = House(tmp_path)
    try:
        house.open()
        house.post_policy(FIRST_TEXT, "The first version.", [NEWS, OFFERS], [TO_COURIER])
        house.form = house.open_form(NEWS, OFFERS)
        yield house
    finally:
        house.stop()
