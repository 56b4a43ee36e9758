// Signing in by an identity provider: the server as a client of oidc-provider, with a browser between them.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { ClientMetadata, Configuration } from "oidc-provider" with { "resolution-mode": "import" };
import { PASSWORD, URL as GRAPHQL } from "./house";

const SITE = new URL("/", GRAPHQL).href.slice(0, -1);
const TENANT = "fir";
const CLIENT = "assent";
const SECRET = "what only the two of us know, and + / = : &".replaceAll(" ", "_");

/** What a provider may do in one way or the other: where it says the address, and how it knows us. */
interface Ways {
  readonly claimsInToken: boolean;
  readonly authentication: "client_secret_basic" | "client_secret_post";
  readonly algorithm: "RS256" | "ES256" | "EdDSA" | "PS256";
}

/** The addresses of the accounts at the provider. */
const addresses = new Map<string, { email: string; email_verified: boolean }>();

/** A provider that runs. */
interface Running {
  readonly issuer: string;
  readonly server: Server;
}

async function provide(ways: Ways, redirect: string): Promise<Running> {
  const { default: Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ed25519"),
  ].map(({ privateKey }) => privateKey.export({ format: "jwk" }));
  const client: ClientMetadata = {
    client_id: CLIENT,
    client_secret: SECRET,
    redirect_uris: [redirect],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: ways.authentication,
    id_token_signed_response_alg: ways.algorithm,
  };
  const configuration: Configuration = {
    clients: [client],
    clientAuthMethods: [ways.authentication],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA", "PS256"] },
    jwks: { keys } as Configuration["jwks"],
    cookies: { keys: ["of this test"] },
    claims: { email: ["email", "email_verified"] },
    conformIdTokenClaims: !ways.claimsInToken,
    pkce: { required: () => true, methods: ["S256"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...addresses.get(id) }),
    }),
  };
  server.on("request", new Provider(issuer, configuration).callback());
  return { issuer, server };
}

/** Asks the API, by a bearer token or a cookie. */
async function ask<Data>(headers: Record<string, string>, query: string, variables: object = {}): Promise<Data> {
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(GRAPHQL, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const { data, errors } = (await answer.json()) as { data?: Data; errors?: unknown };
  assert.ok(data != null && errors === undefined, JSON.stringify(errors));
  return data;
}

/** A browser: it keeps cookies by host and name, and goes where it is led. */
class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();

  private jar(url: URL): Map<string, string> {
    const jar = this.cookies.get(url.host) ?? new Map<string, string>();
    this.cookies.set(url.host, jar);
    return jar;
  }

  cookie(name: string): string | undefined {
    return this.jar(new URL(SITE)).get(name);
  }

  async open(address: string, form?: Record<string, string>): Promise<{ url: URL; status: number; text: string }> {
    // The server calls itself by another name for the same machine.
    const url = new URL(address.replace("//localhost:", "//127.0.0.1:"));
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      method: form === undefined ? "GET" : "POST",
      body: form === undefined ? undefined : new URLSearchParams(form),
      headers: cookie === "" ? {} : { cookie },
      redirect: "manual",
    });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      const [name = "", value = ""] = pair.split("=", 2);
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location !== null) return this.open(new URL(location, url).href);
    return { url, status: answer.status, text: await answer.text() };
  }
}

/** Signs in at the provider as an account, or breaks off. */
async function visit(browser: Browser, account: string | null): Promise<{ url: URL; status: number; text: string }> {
  const page = await browser.open(`${SITE}/t/${TENANT}/sign-in`);
  assert.equal(page.status, 200);
  assert.match(page.text, /Sign in for Fir Garden Tools/);
  let at = await browser.open(`${SITE}/t/${TENANT}/sign-in`, {});
  assert.match(at.url.pathname, /^\/interaction\//, at.text);
  if (account === null) return browser.open(`${at.url.href}/abort`);
  at = await browser.open(at.url.href, { prompt: "login", login: account, password: "any" });
  if (at.url.pathname.startsWith("/interaction/")) at = await browser.open(at.url.href, { prompt: "consent" });
  return at;
}

let token: string;
let redirect: string;
let running: Running;

async function use(ways: Ways): Promise<void> {
  running?.server.close();
  running = await provide(ways, redirect);
  const input = { issuer: running.issuer, clientId: CLIENT, clientSecret: SECRET, password: PASSWORD };
  const set = "mutation ($input: SetIdentityProviderInput!) { setIdentityProvider(input: $input) { identityProvider { redirectUrl } } }";
  await ask({ authorization: `Bearer ${token}` }, set, { input });
}

before(async () => {
  const input = { tenant: TENANT, email: `owner@${TENANT}.example`, password: PASSWORD };
  const signIn =
    "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken viewer { tenant { identityRedirectUrl } } } }";
  const found = await ask<{
    signIn: { accessToken: string; viewer: { tenant: { identityRedirectUrl: string } } };
  }>({}, signIn, { input });
  token = found.signIn.accessToken;
  redirect = found.signIn.viewer.tenant.identityRedirectUrl;
});
after(() => running?.server.close());

for (const ways of [
  { claimsInToken: false, authentication: "client_secret_basic", algorithm: "RS256" },
  { claimsInToken: true, authentication: "client_secret_post", algorithm: "ES256" },
  { claimsInToken: true, authentication: "client_secret_basic", algorithm: "EdDSA" },
  { claimsInToken: false, authentication: "client_secret_post", algorithm: "PS256" },
] as const) {
  const name = `${ways.algorithm}, ${ways.authentication}, the address in ${ways.claimsInToken ? "the token" : "userinfo"}`;
  test(`a member signs in by a provider: ${name}`, { timeout: 30_000 }, async () => {
    await use(ways);
    const email = `owner@${TENANT}.example`;
    addresses.set("boss", { email, email_verified: false });
    addresses.set("eve", { email: "eve@elsewhere.example", email_verified: true });
    for (const [account, words] of [
      ["boss", /no address of yours that it has verified/],
      ["eve", /nobody with your address there is a member/],
      [null, /said no/],
    ] as const) {
      const browser = new Browser();
      const refused = await visit(browser, account);
      assert.equal(refused.status, 403, refused.text);
      assert.match(refused.text, words);
      assert.equal(browser.cookie("assent_session"), undefined);
    }
    addresses.set("boss", { email, email_verified: true });
    for (let again = 0; again < 2; again += 1) {
      const browser = new Browser();
      const came = await visit(browser, "boss");
      assert.equal(came.url.pathname, `/t/${TENANT}/sign-in/done`, came.text);
      assert.match(came.text, /You are signed in/);
      assert.equal(browser.cookie("assent_sign_in"), undefined);
      const cookie = `assent_session=${browser.cookie("assent_session")}`;
      const who = await ask<{ viewer: { member: { email: string } } }>({ cookie }, "{ viewer { member { email } } }");
      assert.equal(who.viewer.member.email, email);
      // The address moves on, and the account stays the member's.
      addresses.set("boss", { email: "boss@elsewhere.example", email_verified: true });
    }
  });
}
