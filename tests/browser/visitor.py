"""Somebody at a browser that runs no script and refuses every cookie, and what has to hold of each page they see: no
cookie is set, nothing breaks the page's own content security policy, nothing is wider than the screen, and axe finds
nothing. Each page is photographed, light and dark.
"""

import json
import re
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
CHROMIUM = "/usr/bin/chromium"
BLOCKED = 2  # CONTENT_SETTING_BLOCK in a profile of Chromium
# WCAG 2.1 A and AA, the sizes of targets of 2.2, and what is good practice beyond them.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A busy machine takes its time; nothing here measures it.
expect.set_options(timeout=20_000)
INLINE = re.compile(r"<script|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def cautious_context(chromium, profile, size):
    """A browser whose owner has turned off JavaScript and blocked all cookies."""
    (profile / "Default").mkdir(parents=True)
    settings = {"profile": {"default_content_setting_values": {"cookies": BLOCKED}}}
    (profile / "Default/Preferences").write_text(json.dumps(settings))
    return chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, java_script_enabled=False, viewport=SIZES[size], reduced_motion="reduce"
    )


class Visitor:
    """Sees pages, and says what is wrong with them."""

    def __init__(self, context, inspector, album, size):
        self.context = context
        self.inspector = inspector
        self.album = album
        self.size = size
        self.page = context.pages[0]
        self.answers = []
        self.complaints = []
        self.page.on("response", lambda answer: self.answers.append(answer))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("requestfailed", lambda request: self.complaints.append(f"could not load {request.url}"))

    # What a person does.

    def opens(self, address, sees, photo, status=200):
        """Follows a link, or types an address."""
        self.forgets()
        self.page.goto(address)
        self.sees(sees, photo, status)

    def presses(self, button, sees, photo, status=200):
        """Presses the button with this name."""
        self.goes_on_by(self.page.get_by_role("button", name=button, exact=True))
        self.sees(sees, photo, status)

    def follows(self, link, sees, photo, status=200):
        """Follows the link with these words, which stands on the page."""
        self.goes_on_by(self.page.get_by_role("link", name=link).first)
        self.sees(sees, photo, status)

    def downloads(self, button):
        """Presses the button with this name, and gives what comes as a file."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("button", name=button, exact=True).click()
        return Path(coming.value.path()).read_bytes()

    def goes_on_by(self, button):
        self.forgets()
        # What is said of the page that follows could be true of this one.
        with self.page.expect_navigation():
            button.click()

    def fills(self, label, text):
        self.page.get_by_label(label).fill(text)

    def ticks(self, label):
        self.page.get_by_role("checkbox", name=label).check()

    def unticks(self, label):
        self.page.get_by_role("checkbox", name=label).uncheck()

    def chooses(self, question, answer):
        """Answers the question with this legend; `answer` is the text beside the button."""
        self.question(question).get_by_role("radio", name=answer, exact=True).check()

    # What a person sees.

    def question(self, legend):
        return self.page.get_by_role("group", name=legend, exact=True)

    def chosen(self, legend):
        """The answers chosen so far to the question with this legend."""
        checked = self.question(legend).locator("label", has=self.page.locator("input:checked"))
        return [said.strip() for said in checked.all_text_contents()]

    def top_of(self, part):
        """How far below the top of the page it begins, in pixels."""
        return part.bounding_box()["y"]

    def reads(self, *words):
        for said in words:
            expect(self.page.get_by_role("main")).to_contain_text(said)

    def reads_nowhere(self, *words):
        for said in words:
            expect(self.page.get_by_role("main")).not_to_contain_text(said)

    def finds_nothing_ticked(self):
        expect(self.page.locator("input:checked")).to_have_count(0)
        expect(self.page.locator("input[type=checkbox], input[type=radio]")).not_to_have_count(0)

    def finds_no_field(self):
        expect(self.page.locator("input, textarea, select")).to_have_count(0)

    def finds_ticked(self, label):
        expect(self.page.get_by_role("checkbox", name=label)).to_be_checked()

    def finds_unticked(self, label):
        expect(self.page.get_by_role("checkbox", name=label)).not_to_be_checked()

    # What has to hold of each page.

    def forgets(self):
        self.answers.clear()
        self.complaints.clear()

    def sees(self, heading, photo, status):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.page.wait_for_load_state("load")
        pages = [one for one in self.answers if self.is_page(one.request)]
        # A form that was sent leads to a page, so that loading it once more sends nothing.
        (answer,) = [one for one in pages if one.status != 303]
        assert answer.status == status, f"{answer.url}: {answer.status}"
        body = answer.text()
        assert not (found := INLINE.search(body)), f"{answer.url} has {found.group()!r} in it"
        for one in self.answers:
            headers = one.all_headers()
            assert "set-cookie" not in headers, f"{one.url} sets a cookie"
            assert "content-security-policy" in headers, f"{one.url} has no content security policy"
        assert self.context.cookies() == []
        # Chromium notes each answer that is an error.
        complaints = [said for said in self.complaints if f"status of {status}" not in said]
        assert not complaints, f"{answer.url}: {complaints}"
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.size]["width"], f"{answer.url} is {width} pixels wide"
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=self.album / f"{photo}-{self.size}-{scheme}.png", full_page=True)
        self.inspect(answer.url, status, answer.all_headers()["content-type"], body)

    def is_page(self, request):
        return request.is_navigation_request() and request.frame == self.page.main_frame

    def inspect(self, url, status, content_type, body):
        """Lets axe look at the very page that was seen, in a browser in which it may run."""
        inspector = self.inspector.new_page()
        inspector.route(
            url,
            lambda route: route.fulfill(status=status, content_type=content_type, body=body)
            if route.request.is_navigation_request()
            else route.continue_(),
        )
        inspector.set_viewport_size(SIZES[self.size])
        inspector.goto(url)
        inspector.evaluate(AXE_SCRIPT)
        for scheme in ("light", "dark"):
            inspector.emulate_media(color_scheme=scheme)
            found = inspector.evaluate("rules => axe.run({runOnly: rules})", RULES)
            assert found["passes"], "axe looked at nothing"
            problems = [
                f"{rule['id']}: {rule['help']}: {node['html']}"
                for rule in found["violations"]
                for node in rule["nodes"]
            ]
            assert not problems, f"{url} ({scheme}): " + "\n".join(problems)
        inspector.close()
