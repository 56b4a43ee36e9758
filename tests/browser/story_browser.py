"""The browser of these stories is what they take it for: it takes no cookie, runs no script, and says when a page
breaks its own policy; and axe finds what is wrong.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PAGE = """<!doctype html><html lang="en"><title>Hello</title><link rel="icon" href="data:,">
<main><h1>Hello</h1>%s</main>"""
STRICT = {"content-security-policy": "default-src 'none'; img-src data:"}
SETS_COOKIE = {"set-cookie": "a=b"}


class Page(BaseHTTPRequestHandler):
    """A page with a flaw."""

    flaw, headers_too, cookies_seen = "", {}, []

    def do_GET(self):
        self.cookies_seen.append(self.headers["cookie"])
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        for name, value in self.headers_too.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write((PAGE % self.flaw).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def served():
    """Serves a page with a flaw, and gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def served(flaw="", headers=STRICT):
        Page.flaw, Page.headers_too, Page.cookies_seen = flaw, headers, []
        return f"http://localhost:{server.server_port}/"

    yield served
    server.shutdown()
    server.server_close()


def p05_the_browser_takes_no_cookie_and_runs_no_script(served, visitor):
    page = served("<script>document.title = 'a script ran'</script>", SETS_COOKIE)
    visitor.page.goto(page)
    visitor.page.goto(page)
    assert set(Page.cookies_seen) == {None}
    assert visitor.page.title() == "Hello"


def the_flaws_of_a_page_are_found(served, visitor):
    visitor.opens(served(), "Hello", "browser")
    flaws = {
        "sets a cookie": ("", STRICT | SETS_COOKIE),
        "has no content security policy": ("", {}),
        "in it": ("<p style='color: red'>Red", STRICT),
        "Content Security Policy": ("<img src='http://localhost:9/a.png' alt='A'>", STRICT),
        "pixels wide": ("<table width=3000><tr><td>Wide</table>", STRICT),
        "label: ": ("<input>", STRICT),
        "target-size: ": ("<a href=a>a</a><br><a href=b>b</a>", STRICT),
    }
    for complaint, (flaw, headers) in flaws.items():
        with pytest.raises(AssertionError, match=complaint):
            visitor.opens(served(flaw, headers), "Hello", "browser")
    with pytest.raises(AssertionError, match="200"):
        visitor.opens(served(), "Hello", "browser", status=404)
