// The audits of GraphQL over HTTP that come with npm's graphql-http, one by one.

import assert from "node:assert/strict";
import test from "node:test";
import { serverAudits } from "graphql-http";
import { URL } from "./house";

/** What the server does not do though it should, and why. */
const NOT_DONE: Readonly<Record<string, string>> = {};

for (const { id, name, fn } of serverAudits({ url: URL, fetchFn: fetch })) {
  test(`${id} ${name}`, async () => {
    const result = await fn();
    const reason = result.status === "ok" ? undefined : result.reason;
    // A failure is an `error` where a MUST is broken, a `warn` for SHOULD, and a `notice` for MAY.
    if (result.status === "warn" && id in NOT_DONE) return;
    assert.ok(!(id in NOT_DONE), "it is done by now: take it off the list");
    assert.ok(result.status === "ok" || result.status === "notice", reason);
  });
}

test("there are audits to pass", () => {
  assert.ok(serverAudits({ url: URL }).length > 50);
});
