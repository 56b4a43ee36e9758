"""A page as a browser reads it (html5lib follows the HTML standard's parser), and what must not be in it."""

import html5lib

# What runs, loads or leads away. The hosted pages have none of it.
HOSTILE = {
    "script",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "base",
    "svg",
    "math",
    "video",
    "audio",
    "portal",
    "marquee",
    "template",
}
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "srcset",
    "xlink:href",
    "cite",
    "ping",
}
SCHEMES = ("javascript:", "vbscript:", "data:")


def elements(text):
    """Each element, in order."""
    document = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    return [element for element in document.iter() if isinstance(element.tag, str)]


def hostile(text):
    """What does not belong in a page that shows what others wrote."""
    found = []
    for element in elements(text):
        if element.tag.rpartition("}")[2].lower() in HOSTILE:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            lead = "".join(c for c in value if c > " ").lower()
            if name.lower().startswith("on") or name == "srcdoc" or (name in ADDRESSES and lead.startswith(SCHEMES)):
                found.append(f"<{element.tag} {name}={value[:80]!r}>")
            if element.tag == "meta" and name == "http-equiv" and value.lower() == "refresh":
                found.append("<meta refresh>")
    return found


def skeleton(text):
    """What a page is made of, whatever it says."""
    return [(element.tag, sorted(element.attrib)) for element in elements(text)]
