// What is known not to be as a test wants it. An exception that is not needed any more is a failure too, so that what is
// listed stays short and true.

import assert from "node:assert/strict";

type Reasons = Readonly<Record<string, readonly string[]>>;

/** Makes sure that exactly those are found that have a reason. */
export function onlyWithReason(found: readonly string[], reasons: Reasons): void {
  const known = Object.values(reasons).flat();
  const unexpected = found.filter((name) => !known.includes(name));
  const outdated = known.filter((name) => !found.includes(name));
  assert.deepEqual({ unexpected, outdated }, { unexpected: [], outdated: [] });
}
