// The real Relay, on what relay-compiler made of relay/: pages are put together in its store, and a fragment is fetched
// anew by the id of its node.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Environment,
  type GraphQLResponse,
  Network,
  type ReaderFragment,
  RecordSource,
  Store,
  type Variables,
  createOperationDescriptor,
  fetchQuery,
  getRequest,
  getSingularSelector,
} from "relay-runtime";
import nextPage from "../relay/__generated__/subscribersPaginationQuery.graphql";
import personAgain from "../relay/__generated__/subscribersPersonQuery.graphql";
import policies, { type policiesQuery$data } from "../relay/__generated__/policiesQuery.graphql";
import firstPage from "../relay/__generated__/subscribersQuery.graphql";
import list, { type subscribers_list$data } from "../relay/__generated__/subscribers_list.graphql";
import person, { type subscribers_person$data } from "../relay/__generated__/subscribers_person.graphql";
import { House, URL } from "./house";

let house: House;
before(async () => {
  house = await House.open("dale");
});
after(() => house.close());

type Query = typeof firstPage | typeof personAgain | typeof policies;

/** What Relay adds to a connection for whoever pages through it. */
type PageInfo = { endCursor: string; hasNextPage: boolean };
type List = { subscribers: subscribers_list$data["subscribers"] & { pageInfo: PageInfo } };

/** An application with a store of its own. */
class Application {
  private readonly environment = new Environment({
    network: Network.create(async ({ text: query }, variables) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${house.token}` };
      const answer = await fetch(URL, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
      return (await answer.json()) as GraphQLResponse;
    }),
    store: new Store(new RecordSource()),
  });

  /** Fetches a query, keeps what it brings, and gives what a component would see of it. */
  async fetch(query: Query, variables: Variables): Promise<unknown> {
    await fetchQuery(this.environment, query, variables).toPromise();
    const operation = createOperationDescriptor(getRequest(query), variables);
    this.environment.retain(operation);
    return this.environment.lookup(operation.fragment).data;
  }

  /** What a component with this fragment would see. */
  read<Data>(fragment: ReaderFragment, key: unknown): Data {
    const selector = getSingularSelector(fragment, key);
    assert.ok(selector != null, "the key has the fragment");
    const { data, isMissingData } = this.environment.lookup(selector);
    assert.equal(isMissingData, false);
    return data as Data;
  }
}

test("a list is read page by page into one connection", async () => {
  const application = new Application();
  const key = await application.fetch(firstPage, { count: 2 });
  const first = application.read<List>(list, key).subscribers;
  assert.equal(first.edges.length, 2);
  assert.equal(first.pageInfo.hasNextPage, true);
  await application.fetch(nextPage, { count: 2, cursor: first.pageInfo.endCursor });
  const all = application.read<List>(list, key).subscribers;
  assert.deepEqual(all.edges.map(({ node }) => node.email), ["ann@example.org", "ben@example.org", "cho@example.org"]);
  assert.equal(all.pageInfo.hasNextPage, false);
});

test("a fragment is fetched anew by the id of its node", async () => {
  const application = new Application();
  const key = await application.fetch(firstPage, { count: 1 });
  const [edge] = application.read<List>(list, key).subscribers.edges;
  assert.ok(edge !== undefined);
  const before = application.read<subscribers_person$data>(person, edge.node);
  const { node } = (await application.fetch(personAgain, { id: edge.node.id, count: 1 })) as { node: unknown };
  const after = application.read<subscribers_person$data>(person, node);
  assert.equal(after.status, "CONFIRMED");
  assert.deepEqual(after.consents.edges.map(({ node: { state } }) => state), ["GIVEN"]);
  assert.deepEqual(before, after);
});

// A cache keeps one object an id: what the courier is named for belongs to a version, and the courier to all of them.
test("each policy version keeps what it says of an outside party", async () => {
  await house.draftPolicy("They bring catalogues.");
  const { policyVersions } = (await new Application().fetch(policies, {})) as policiesQuery$data;
  const reasons = policyVersions.edges.map(({ node }) => node.outsideParties.map(({ why }) => why));
  assert.deepEqual(reasons, [["They bring parcels."], ["They bring catalogues."]]);
});
