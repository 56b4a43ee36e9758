// The server that tests/clients/run has started, and a company on it.

import assert from "node:assert/strict";
import { type Connection, connect, dataOf } from "../example/connection";
import * as ask from "../example/operations";

export const URL = `${setting("CLIENTS_URL")}/graphql`;
export const SOCKET_URL = URL.replace(/^http/, "ws");
export const PASSWORD = setting("CLIENTS_PASSWORD");

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: tests/clients/run starts these tests`);
  return value;
}

const NEWS = { code: "news", name: "Newsletter", description: "What is new, once a month.", kind: "MARKETING" as const };
const PEOPLE = ["ann@example.org", "ben@example.org", "cho@example.org"];

/** A company with a policy that names news and a courier, a form, and three people on its list. */
export class House {
  private constructor(
    readonly token: string,
    private readonly connection: Connection,
    readonly list: string,
  ) {}

  /** Signs in to a company that tests/clients/run has made for one file of tests, and sets it up. */
  static async open(tenant: string): Promise<House> {
    const input = { tenant, email: `owner@${tenant}.example`, password: PASSWORD };
    const { accessToken } = dataOf(await connect(URL).api.mutation(ask.SignIn, { input })).signIn;
    const connection = connect(URL, accessToken);
    const draft = await draftPolicy(connection, "They bring parcels.");
    const post = { id: draft, effectiveAt: new Date().toISOString() };
    dataOf(await connection.api.mutation(ask.PostPolicy, { input: post }));
    return new House(accessToken, connection, await openForm(connection));
  }

  get api(): Connection["api"] {
    return this.connection.api;
  }

  close(): void {
    this.connection.close();
  }

  /** Drafts a policy version that gives another reason for naming the courier. */
  async draftPolicy(whyCourier: string): Promise<void> {
    await draftPolicy(this.connection, whyCourier);
  }

  /** Drafts a campaign to the list. */
  async campaign(name: string): Promise<string> {
    const body = { format: "MARKDOWN" as const, source: "Sharpen the *shears*." };
    const input = { name, purpose: NEWS.code, mailingListIds: [this.list], subject: name, body };
    return dataOf(await this.api.mutation(ask.CreateCampaign, { input })).createCampaign.campaign.id;
  }

  /** Sends it now, and waits until it has gone out. */
  async send(campaign: string): Promise<void> {
    dataOf(await this.api.mutation(ask.ScheduleCampaign, { input: { id: campaign } }));
    for (let tries = 0; tries < 300; tries += 1) {
      const found = dataOf(await this.api.query(ask.Deliveries, { id: campaign }));
      if (found.campaign?.status === "FINISHED") return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail("the campaign has not gone out within 30 seconds");
  }
}

async function draftPolicy({ api }: Connection, whyCourier: string): Promise<string> {
  const courier = { name: "Courier Ltd", why: whyCourier, what: "Your name." };
  const input = { body: "# Your data", summary: "What is new.", purposes: [NEWS], outsideParties: [courier] };
  return dataOf(await api.mutation(ask.DraftPolicy, { input })).draftPolicyVersion.policyVersion.id;
}

/** Opens a form through which everybody joins, and gives the id of its list. */
async function openForm({ api }: Connection): Promise<string> {
  const list = { name: "Garden post", optIn: "SINGLE" as const, purposes: [NEWS.code] };
  const { mailingList } = dataOf(await api.mutation(ask.CreateList, { input: list })).createMailingList;
  const choices = [{ purpose: NEWS.code, statement: "Yes, write to me." }];
  const form = { slug: "garden-post", name: "Garden post", mailingListIds: [mailingList.id], choices };
  dataOf(await api.mutation(ask.CreateForm, { input: form }));
  for (const email of PEOPLE) {
    const yes = [{ purpose: NEWS.code, given: true }];
    const input = { collectionPoint: form.slug, email, choices: yes, evidence: "at the till" };
    assert.equal(dataOf(await api.mutation(ask.Subscribe, { input })).subscribe.status, "SUBSCRIBED");
  }
  return mailingList.id;
}
