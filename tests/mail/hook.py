"""Takes webhooks as a receiver does who has never heard of us: over TLS, verified by the library of Standard Webhooks.

    hook.py CERTIFICATE KEY SECRET

Prints the port that it listens at, and then one line of JSON for each request: the type of the event, or why it is not believed.
"""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook

webhook = Webhook(sys.argv[3])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            told = {"type": webhook.verify(body, dict(self.headers))["type"]}
        except Exception as error:  # whatever makes it doubt
            told = {"doubt": repr(error)}
        print(json.dumps(told), flush=True)
        self.send_response(400 if "doubt" in told else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
