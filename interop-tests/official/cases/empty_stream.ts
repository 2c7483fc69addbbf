import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { collect } from "../expected-status.js";

/** No message in either direction. */
export const emptyStream: OfficialCase = async ({ service }) => {
  assert.deepEqual(await collect(service.fullDuplexCall([], inTime)), []);
};
