// What is watched, with the client of npm's graphql-ws: states come by themselves, a connection that breaks costs
// nothing, and whoever may not watch is told so by a code.

import assert from "node:assert/strict";
import { type TestContext, after, before, test } from "node:test";
import { print } from "graphql";
import { type Client, type ClientOptions, createClient } from "graphql-ws";
import WebSocket from "ws";
import type { WatchCampaignSubscription } from "../example/__generated__/graphql";
import * as ask from "../example/operations";
import { House, SOCKET_URL } from "./house";

let house: House;
before(async () => {
  house = await House.open("brook");
});
after(() => house.close());

/** What does not come within this many milliseconds does not come. */
const promptly = { timeout: 20_000 };

type State = { data?: WatchCampaignSubscription | null };

/** A client that is gone when the test is over, however it ends. */
function clientOf(t: TestContext, options: Partial<ClientOptions> = {}): Client {
  const connectionParams = { authorization: `Bearer ${house.token}` };
  const client = createClient({ url: SOCKET_URL, webSocketImpl: WebSocket, connectionParams, ...options });
  t.after(() => client.dispose());
  return client;
}

function watch(client: Client, id: string): AsyncIterableIterator<State> {
  return client.iterate<WatchCampaignSubscription>({ query: print(ask.WatchCampaign), variables: { id } });
}

async function total(states: AsyncIterableIterator<State>): Promise<number | undefined> {
  return ((await states.next()).value as State | undefined)?.data?.campaignProgress.total;
}

/** With which code an operation is refused, which ends it before anything comes of it. */
async function codeOf(client: Client, query: string): Promise<unknown> {
  try {
    await client.iterate({ query }).next();
    return undefined;
  } catch (errors) {
    assert.ok(Array.isArray(errors), String(errors));
    return errors[0]?.extensions?.code;
  }
}

test("a campaign is watched to its end", promptly, async (t) => {
  const id = await house.campaign("Watched");
  const states = watch(clientOf(t), id);
  assert.equal(await total(states), 0, "the latest state comes at once");
  await house.send(id);
  let last: State["data"];
  for await (const { data } of states) last = data;
  assert.deepEqual(last?.campaignProgress, { total: 3, queued: 0, sent: 3, refused: [] });
});

test("after a connection has dropped, the latest state comes without asking for it", promptly, async (t) => {
  const id = await house.campaign("Interrupted");
  const sockets: WebSocket[] = [];
  let goOn = (): void => {};
  const isBack = new Promise<void>((resolve) => (goOn = resolve));
  const client = clientOf(t, {
    // The line is down for as long as the campaign goes out.
    retryWait: () => isBack,
    on: { connected: (socket) => sockets.push(socket as WebSocket) },
  });
  const states = watch(client, id);
  assert.equal(await total(states), 0);
  assert.equal(sockets.length, 1);
  sockets[0]?.terminate();
  await house.send(id);
  goOn();
  assert.equal(await total(states), 3);
  assert.equal((await states.next()).done, true, "and the end of the campaign is the end of it");
  assert.equal(sockets.length, 2);
});

test("a wrong token is refused with 4403", promptly, async (t) => {
  const client = clientOf(t, { connectionParams: { authorization: "Bearer no-such-token" }, retryAttempts: 0 });
  const states = watch(client, await house.campaign("Secret"));
  await assert.rejects(states.next(), { code: 4403, reason: /sign in/ });
});

test("an error of an operation ends that operation, and no other", promptly, async (t) => {
  const client = clientOf(t);
  const id = await house.campaign("Fine");
  const states = watch(client, id);
  assert.equal(await total(states), 0);
  const nobodys = 'subscription { campaignProgress(id: "campaign_00000000000000000000000000") { total } }';
  assert.equal(await codeOf(client, nobodys), "NOT_FOUND");
  assert.equal(await codeOf(client, "{ viewer { member { id } } }"), "BAD_USER_INPUT", "queries go by HTTP");
  await house.send(id);
  assert.equal(await total(states), 3);
});

test("an operation that is not valid is refused with a code", async (t) => {
  assert.equal(await codeOf(clientOf(t), "subscription { nothing }"), "BAD_USER_INPUT");
});

test("a subscription to two things at once is refused (GraphQL, 5.2.3.1)", async (t) => {
  const id = await house.campaign("Twice");
  const two = `a: campaignProgress(id: "${id}") { total } b: campaignProgress(id: "${id}") { sent }`;
  assert.equal(await codeOf(clientOf(t), `subscription { ${two} }`), "BAD_USER_INPUT");
});
