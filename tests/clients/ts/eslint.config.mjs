// The recommended rules for schemas. What is found nevertheless has to have a reason in test/schema.test.ts.
import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "../../../api/schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      // Whether a description stands in one line or in a block is up to the printer, which goes by its length.
      "@graphql-eslint/description-style": "off",
      // What wraps others has no identity of its own.
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { suffixes: ["Payload", "Connection", "Edge"] } }],
    },
  },
];
