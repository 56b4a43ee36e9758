// Two versions of a policy side by side, which name the same outside party for different reasons.

import { graphql } from "relay-runtime";

export const policiesQuery = graphql`
  query policiesQuery {
    policyVersions(first: 2) {
      edges {
        node {
          outsideParties {
            outsideParty {
              id
              name
            }
            why
          }
        }
      }
    }
  }
`;
