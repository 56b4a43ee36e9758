"""Mail as it came: read from the server's built-in mailbox, `/dev/mailbox`."""

import email
import email.policy
import re


class Mail:
    """A message from the built-in mailbox."""

    def __init__(self, id, raw):
        self.id = id
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.to = self.message["To"].addresses[0].addr_spec
        self.subject = self.message["Subject"]

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()

    def link(self, act):
        """The link to `/{act}/...` in the text part."""
        found = re.search(rf"https?://\S+/{act}/[\w.~-]+", self.text)
        assert found, f"no link to /{act}/ in {self.subject!r}:\n{self.text}"
        return found.group()
