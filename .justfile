# What is typed often. `just` lists it.

[private]
default:
    @just --list

# The product in a minute: two tenants, a campaign, a report.
demo:
    cargo run --release -- demo

# The server, on SQLite in ./data, with the built-in mailbox.
serve:
    cargo run -- serve

# Every test on SQLite and PostgreSQL; arguments go to nextest.
test *args:
    ./tests/run {{args}}

# What is checked before a change is taken.
ci:
    ./.ci/run

# Formats and lints.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Renews the committed GraphQL schema.
schema:
    cargo run -- schema > api/schema.graphql

# Licences, advisories, bans and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check
