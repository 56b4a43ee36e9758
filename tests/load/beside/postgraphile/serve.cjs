// PostGraphile over the tables of Assent, with as many processes as WORKERS says. Whose rows a request sees is said by
// its header x-tenant, as a signed token would in earnest: that check is left out here, to PostGraphile's advantage.
const cluster = require("node:cluster");
const http = require("node:http");

const workers = Number(process.env.WORKERS);

if (cluster.isPrimary) {
  for (let number = 0; number < workers; number += 1) cluster.fork();
} else {
  const { Pool } = require("pg");
  const { postgraphile } = require("postgraphile");
  const pool = new Pool({ host: process.env.PGHOST, user: "assent", database: process.env.PGDATABASE, max: 16 / workers });
  const handler = postgraphile(pool, "public", {
    graphiql: false,
    disableQueryLog: true,
    dynamicJson: true,
    legacyRelations: "omit",
    pgSettings: async (request) => ({ "assent.tenant": request.headers["x-tenant"] }),
  });
  http.createServer(handler).listen(Number(process.env.PORT), "127.0.0.1");
}
