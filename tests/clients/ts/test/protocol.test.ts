// What a client of `graphql-transport-ws` may count on where somebody does not keep to the protocol: the codes that its
// specification gives (github.com/enisdenjo/graphql-ws, PROTOCOL.md), by which clients decide whether to try again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { House, SOCKET_URL } from "./house";

let house: House;
let campaign: string;
before(async () => {
  house = await House.open("cedar");
  campaign = await house.campaign("Protocol");
});
after(() => house.close());

type Said = object | string | Buffer;
type Heard = { type: string; id?: string } | { closed: number };

/** Says these things one after the other, each after the answer to the one before, and gives all that is heard. */
async function converse(...said: Said[]): Promise<Heard[]> {
  const socket = new WebSocket(SOCKET_URL, "graphql-transport-ws");
  const heard: Heard[] = [];
  const rest = [...said];
  let isDone = false;
  const next = (): void => {
    const message = rest.shift();
    isDone = message === undefined;
    if (message === undefined) socket.close(1000);
    else socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  };
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.terminate();
      reject(new Error(`nothing more after ${JSON.stringify(heard)}`));
    }, 5000);
    socket.on("open", next);
    socket.on("message", (text) => {
      const { type, id } = JSON.parse(String(text));
      heard.push({ type, ...(id === undefined ? {} : { id }) });
      next();
    });
    socket.on("error", reject);
    socket.on("close", (code) => {
      if (!isDone) heard.push({ closed: code });
      clearTimeout(timer);
      resolve();
    });
  });
  return heard;
}

const init = (token = house.token): object => ({
  type: "connection_init",
  payload: { authorization: `Bearer ${token}` },
});
const watching = (id: string): object => ({
  id,
  type: "subscribe",
  payload: { query: "subscription($id: ID!) { campaignProgress(id: $id) { total } }", variables: { id: campaign } },
});

test("an operation is begun, and a ping answered", async () => {
  assert.deepEqual(await converse(init(), watching("1"), { type: "ping" }), [
    { type: "connection_ack" },
    { type: "next", id: "1" },
    { type: "pong" },
  ]);
});

test("a ping before the introduction is answered", async () => {
  assert.deepEqual(await converse({ type: "ping" }), [{ type: "pong" }]);
});

test("an operation that is refused ends, and its id is free again", async () => {
  const invalid = { id: "1", type: "subscribe", payload: { query: "subscription { nothing }" } };
  assert.deepEqual(await converse(init(), invalid, watching("1")), [
    { type: "connection_ack" },
    { type: "error", id: "1" },
    { type: "next", id: "1" },
  ]);
});

/** What breaks the protocol, and the code to close with. */
const BREACHES: readonly { what: string; said: () => Said[]; code: number }[] = [
  { what: "no credential", said: () => [{ type: "connection_init" }], code: 4403 },
  { what: "a wrong token", said: () => [init("no-such-token")], code: 4403 },
  { what: "an operation before the introduction", said: () => [watching("1")], code: 4401 },
  { what: "a second introduction", said: () => [init(), init()], code: 4429 },
  { what: "a second operation of the same id", said: () => [init(), watching("1"), watching("1")], code: 4409 },
  ...["nonsense", "[]", { type: "nonsense" }, { id: "1", type: "subscribe" }, Buffer.from("{}")].flatMap((said) => {
    const what = Buffer.isBuffer(said) ? "octets" : JSON.stringify(said);
    return [
      { what: `${what} before the introduction`, said: () => [said], code: 4400 },
      { what: `${what} after it`, said: () => [init(), said], code: 4400 },
    ];
  }),
];

for (const { what, said, code } of BREACHES) {
  test(`${what} closes with ${code}`, async () => {
    assert.deepEqual((await converse(...said())).at(-1), { closed: code });
  });
}
