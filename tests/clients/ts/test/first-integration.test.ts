// The example program does what it says, for somebody who has nothing but its four settings.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { connect } from "../example/connection";
import * as ask from "../example/operations";
import { PASSWORD, URL } from "./house";

const PROGRAM = path.join(__dirname, "../example/first-integration.js");

function run(password: string): Promise<{ stdout: string; stderr: string }> {
  const member = { ASSENT_TENANT: "acme", ASSENT_EMAIL: "owner@acme.example", ASSENT_PASSWORD: password };
  const env = { ...process.env, ...member, ASSENT_URL: URL };
  return promisify(execFile)(process.execPath, [PROGRAM], { env, timeout: 60_000 });
}

test("a wrong password ends the program with the code of the error", async () => {
  await assert.rejects(run("no such password"), { code: 1, stderr: /^UNAUTHENTICATED: / });
});

test("a partner goes from nothing to a campaign that was sent", async () => {
  const { stdout, stderr } = await run(PASSWORD);
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n");
  const progress = lines.filter((line) => /^\d+ of \d+ sent, \d+ refused$/.test(line));
  assert.equal(progress.at(-1), "1 of 2 sent, 1 refused", stdout);
  const others = lines.filter((line) => !progress.includes(line));
  // Who comes first among deliveries is not promised.
  others.push(...others.splice(-2).sort());
  assert.deepEqual(others, [
    "signed in to Acme Garden Tools as OWNER",
    "policy 1 is IN_FORCE",
    `the form is at ${process.env.ASSENT_BASE_URL}/t/acme/join/garden-post`,
    "ann@example.org: SUBSCRIBED, may be sent news",
    "ben@example.org: CONFIRMATION_SENT, may not, NOT_CONFIRMED",
    "ann@example.org: SENT",
    "ben@example.org: REFUSED NOT_CONFIRMED",
  ]);
});

test("what does not fit the schema does not compile", () => {
  const { api } = connect(URL);
  // These are never sent: a source of urql does nothing before somebody listens.
  // @ts-expect-error: there is no such way to get onto a list.
  api.mutation(ask.CreateList, { input: { name: "Garden post", optIn: "TRIPLE", purposes: [] } });
  // @ts-expect-error: an id is missing.
  api.subscription(ask.WatchCampaign, {});
  // @ts-expect-error: the answer has no such field.
  void ((campaign: (typeof ask.WatchCampaign)["__apiType"]) => campaign?.({ id: "" }).campaignProgress.nothing);
});
