// What an application would say to Relay: a list that is read page by page, and a fragment that is asked for anew.

import { graphql } from "relay-runtime";

export const subscribersQuery = graphql`
  query subscribersQuery($count: Int!, $cursor: String) {
    ...subscribers_list @arguments(count: $count, cursor: $cursor)
  }
`;

export const subscribersList = graphql`
  fragment subscribers_list on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "subscribersPaginationQuery") {
    subscribers(first: $count, after: $cursor) @connection(key: "subscribers_subscribers") {
      edges {
        node {
          id
          email
          ...subscribers_person
        }
      }
    }
  }
`;

/** Refetchable by `node(id:)`, since subscribers implement Node. Its history is a list within a list. */
export const subscribersPerson = graphql`
  fragment subscribers_person on Subscriber
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "subscribersPersonQuery") {
    status
    consents(first: $count, after: $cursor) @connection(key: "subscribers_consents") {
      edges {
        node {
          state
          recordedAt
        }
      }
    }
  }
`;
