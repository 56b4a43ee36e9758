// A file within an operation, as urql sends it: by the GraphQL multipart request specification.

import assert from "node:assert/strict";
import { Blob } from "node:buffer";
import { after, before, test } from "node:test";
import { dataOf } from "../example/connection";
import * as ask from "../example/operations";
import { House } from "./house";

let house: House;
before(async () => {
  house = await House.open("elm");
});
after(() => house.close());

test("a table of people is sent as a file", { timeout: 40_000 }, async () => {
  const file = new Blob([Buffer.from("email;name\neve@example.org;Zo\xeb\n", "latin1")], { type: "text/csv" });
  const collectedAt = "2026-01-02T03:04:05Z";
  const evidence = { source: "the fair", collectedAt, statement: "Yes, write to me.", purposes: ["news"] };
  const input = { mailingListId: house.list, file, evidence };
  const { id, status } = dataOf(await house.api.mutation(ask.ImportSubscribers, { input })).importSubscribers.import;
  assert.equal(status, "QUEUED");
  for (;;) {
    const found = dataOf(await house.api.query(ask.Import, { id })).import;
    if (found?.status === "FINISHED") {
      assert.deepEqual(found, { ...found, encoding: "windows-1252", rowsImported: 1, peopleNew: 1 });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
