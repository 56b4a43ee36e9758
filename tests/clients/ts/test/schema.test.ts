// The schema as tools see it: linters, caches, and whoever asks the server itself.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { ESLint } from "eslint";
import * as graphql from "graphql";
import { onlyWithReason } from "./expectations";
import { URL } from "./house";

const PACKAGE = path.join(__dirname, "../..");
const CHECKOUT = path.join(PACKAGE, "../../..");
const SCHEMA = path.join(CHECKOUT, "api/schema.graphql");

let schema: graphql.GraphQLSchema;
before(async () => {
  schema = graphql.buildSchema(await readFile(SCHEMA, "utf8"));
});

/** Types that have no id, where the recommended rules want one, by the reason why. */
const WITHOUT_ID = {
  "it is a part of something that has one": [
    "ApiTokenSecret",
    "CampaignBody",
    "CampaignLink",
    "CampaignWaiting",
    "CollectionPointChoice",
    "CollectionPointField",
    "CollectionPointText",
    "ConsentReceipt",
    "ContentParty",
    "DeliveryAttempt",
    "DkimKey",
    "DnsRecord",
    "ExportedFile",
    "FormShown",
    "ImportColumn",
    "ImportEvidence",
    "ImportProblem",
    "ImportUpload",
    "CustomValue",
    "PolicyOutsideParty",
    "PolicyPurpose",
    "PrivacyRequestEvent",
    "SecondFactor",
    "Subscription",
    "TenantClosing",
    "TransportRest",
    "WarmUp",
    "WebhookAttempt",
  ],
  "it is worked out when somebody asks": [
    "BrowserShare",
    "CampaignAudience",
    "CampaignPreview",
    "CampaignProgress",
    "CampaignSummary",
    "CampaignWarning",
    "ConsentDecision",
    "FailureCount",
    "ImportRefusal",
    "LimitNumbers",
    "PolicyNotices",
    "RefusalCount",
    "SegmentSize",
    "SuppressionExport",
    "SuppressionProblem",
  ],
  "whoever asks has one": ["IdentityProvider", "OperatorPolicy", "QuietHours", "RetentionRule", "SendingLimit", "SendingLimits", "Viewer"],
  "the tenant's key is its name": ["TransactionalMail"],
  "Relay has it so": ["PageInfo"],
};

test("the linter of schemas finds nothing that has no reason", async () => {
  const linter = new ESLint({ cwd: CHECKOUT, overrideConfigFile: path.join(PACKAGE, "eslint.config.mjs") });
  const [result] = await linter.lintFiles([SCHEMA]);
  assert.ok(result !== undefined);
  const [withoutId, others] = [true, false].map((wanted) =>
    result.messages.filter(({ ruleId }) => (ruleId === "@graphql-eslint/strict-id-in-types") === wanted),
  );
  assert.deepEqual(others, []);
  onlyWithReason((withoutId ?? []).map(({ message }) => /"(\w+)"/.exec(message)?.[1] ?? message), WITHOUT_ID);
});

/** Types that have an id by which `node` does not give them, by the reason why. */
const NOT_NODES = {
  "it is read in its list or with its delivery, and nowhere else": ["AuditEntry", "Bounce", "Session", "Suppression"],
};

test("what has an id is a node", () => {
  const objects = Object.values(schema.getTypeMap()).filter(graphql.isObjectType);
  const withId = objects.filter((type) => String(type.getFields().id?.type) === "ID!");
  const others = withId.filter((type) => !type.getInterfaces().some(({ name }) => name === "Node"));
  onlyWithReason(others.map(({ name }) => name), NOT_NODES);
  assert.ok(withId.length - others.length > 10);
});

test("the server says of itself what api/schema.graphql says", async () => {
  const query = graphql.getIntrospectionQuery({
    directiveIsRepeatable: true,
    inputValueDeprecation: true,
    oneOf: true,
    specifiedByUrl: true,
  });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(URL, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { data, errors } = (await answer.json()) as graphql.ExecutionResult<graphql.IntrospectionQuery>;
  assert.ok(data != null, JSON.stringify(errors));
  const inOrder = (of: graphql.GraphQLSchema): string => graphql.printSchema(graphql.lexicographicSortSchema(of));
  assert.equal(inOrder(graphql.buildClientSchema(data)), inOrder(schema));
});
