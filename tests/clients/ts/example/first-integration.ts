// What a partner does in the first five minutes, with a tenant that is new: publish a policy, open a form, take two
// people in, and send a campaign, which reaches the one who agreed.
//
//   ASSENT_URL=http://localhost:8080/graphql ASSENT_TENANT=acme ASSENT_EMAIL=... ASSENT_PASSWORD=... \
//     node build/example/first-integration.js

import type { Client } from "@urql/core";
import { toAsyncIterable } from "wonka";
import { connect, dataOf } from "./connection";
import * as ask from "./operations";

/** What people are written to for. Every form, list, consent and campaign names it by this code. */
const NEWS = "news";

async function main(): Promise<void> {
  const url = setting("ASSENT_URL");
  const [tenant, email, password] = [setting("ASSENT_TENANT"), setting("ASSENT_EMAIL"), setting("ASSENT_PASSWORD")];
  const { signIn } = dataOf(await connect(url).api.mutation(ask.SignIn, { input: { tenant, email, password } }));
  console.log(`signed in to ${signIn.viewer.tenant.name} as ${signIn.viewer.member.role}`);

  const { api, close } = connect(url, signIn.accessToken);
  try {
    await publishPolicy(api);
    const list = await openForm(api);
    await takeIn(api, "ann@example.org", "at the till, on 3 May, by ticking the box");
    // Nobody knows how Ben came by: he is asked to confirm, and gets nothing until he does.
    await takeIn(api, "ben@example.org", null);
    await send(api, list);
  } finally {
    close();
  }
}

/** A policy comes first: it says what information is used for, and no form may ask for anything else. */
async function publishPolicy(api: Client): Promise<void> {
  const { draftPolicyVersion } = dataOf(
    await api.mutation(ask.DraftPolicy, {
      input: {
        body: "# What we do with your data\n\nWe keep your address, and write to you if you say so.",
        summary: "The first version.",
        purposes: [{ code: NEWS, name: "Newsletter", description: "What is new, once a month.", kind: "MARKETING" }],
        outsideParties: [],
      },
    }),
  );
  // The first version may take effect at once, while nobody has been promised anything. Later ones take seven days.
  const { postPolicyVersion } = dataOf(
    await api.mutation(ask.PostPolicy, {
      input: { id: draftPolicyVersion.policyVersion.id, effectiveAt: new Date().toISOString() },
    }),
  );
  const { number, status } = postPolicyVersion.policyVersion;
  console.log(`policy ${number} is ${status}`);
}

/** Opens a form that leads to a list, and gives the id of the list. */
async function openForm(api: Client): Promise<string> {
  const { createMailingList } = dataOf(
    await api.mutation(ask.CreateList, { input: { name: "Garden post", optIn: "SINGLE", purposes: [NEWS] } }),
  );
  const list = createMailingList.mailingList.id;
  const { createCollectionPoint } = dataOf(
    await api.mutation(ask.CreateForm, {
      input: {
        slug: "garden-post",
        name: "Garden post",
        mailingListIds: [list],
        choices: [{ purpose: NEWS, statement: "Yes, write to me once a month." }],
      },
    }),
  );
  console.log(`the form is at ${createCollectionPoint.collectionPoint.formUrl}`);
  return list;
}

/** Takes somebody in, and says what may be sent to them now. */
async function takeIn(api: Client, email: string, evidence: string | null): Promise<void> {
  const { subscribe } = dataOf(
    await api.mutation(ask.Subscribe, {
      input: { collectionPoint: "garden-post", email, choices: [{ purpose: NEWS, given: true }], evidence },
    }),
  );
  // To be refused is no error: it happens to people who said no before.
  if (subscribe.subscriber == null) {
    console.log(`${email}: ${subscribe.status}, ${subscribe.reason}`);
    return;
  }
  const { consentDecision } = dataOf(
    await api.query(ask.Decision, { subscriberId: subscribe.subscriber.id, purpose: NEWS }),
  );
  const decision = consentDecision.allowed ? "may be sent news" : `may not, ${consentDecision.refusal}`;
  console.log(`${email}: ${subscribe.status}, ${decision}`);
}

/** Sends a campaign to the list, watches it to its end, and says what became of it. */
async function send(api: Client, list: string): Promise<void> {
  const { createCampaign } = dataOf(
    await api.mutation(ask.CreateCampaign, {
      input: {
        name: "Spring",
        purpose: NEWS,
        mailingListIds: [list],
        subject: "Spring has come",
        body: { format: "MARKDOWN", source: "Sharpen the *shears*." },
      },
    }),
  );
  const id = createCampaign.campaign.id;
  dataOf(await api.mutation(ask.ScheduleCampaign, { input: { id } }));

  // The latest state comes first, and the stream ends with the campaign: there is nothing to poll, and nothing to miss.
  for await (const state of toAsyncIterable(api.subscription(ask.WatchCampaign, { id }))) {
    const { total, sent, refused } = dataOf(state).campaignProgress;
    console.log(`${sent} of ${total} sent, ${refused.reduce((sum, { count }) => sum + count, 0)} refused`);
  }

  for (let after: string | null | undefined, more = true; more; ) {
    const { campaign } = dataOf(await api.query(ask.Deliveries, { id, after }));
    if (campaign == null) throw new Error("the campaign is gone");
    for (const { node } of campaign.deliveries.edges) {
      console.log(`${node.subscriber?.email}: ${node.status} ${node.refusal ?? ""}`.trimEnd());
    }
    ({ endCursor: after, hasNextPage: more } = campaign.deliveries.pageInfo);
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`set ${name}`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
