// How a program reaches the API: queries and mutations by HTTP, what is watched by a WebSocket at the same address.

import { type AnyVariables, Client, type OperationResult, fetchExchange, subscriptionExchange } from "@urql/core";
import { type Client as Socket, createClient } from "graphql-ws";
import WebSocket from "ws";

export type Connection = { api: Client; close: () => void };

/** Connects as whoever has this token, or as nobody. */
export function connect(url: string, token?: string): Connection {
  const credentials: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: credentials,
  });
  const api = new Client({
    url,
    // By GET, the addresses of people would end up in the logs of every proxy on the way.
    preferGetMethod: false,
    requestPolicy: "network-only",
    fetchOptions: { headers: credentials },
    exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: forwardTo(socket) })],
  });
  return { api, close: () => void socket.dispose() };
}

type Forward = Parameters<typeof subscriptionExchange>[0]["forwardSubscription"];

function forwardTo(socket: Socket): Forward {
  return ({ query = "", variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
}

/** The data of an answer. Where there is an error, its code says which (see the description of Query in the schema). */
export function dataOf<Data, Variables extends AnyVariables>(answer: OperationResult<Data, Variables>): Data {
  if (answer.error !== undefined) {
    const codes = answer.error.graphQLErrors.map(({ extensions }) => extensions.code);
    throw new Error([...codes, answer.error.message].join(": "), { cause: answer.error });
  }
  if (answer.data === undefined) throw new Error("an answer with neither data nor errors");
  return answer.data;
}
