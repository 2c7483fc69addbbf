import assert from "node:assert/strict";
import { CallInfo } from "godwit";
import { inTime, type OfficialCase } from "../case.js";
import { echoInitial } from "../echoed-metadata.js";

const value = "X".repeat(63 * 1024);

/** An idea of the document that is no case yet: 63 KiB in one field, both ways, so that CONTINUATION frames follow. */
export const largeHeader: OfficialCase = async ({ service }) => {
  const info = new CallInfo();
  await service.unaryCall({}, { ...inTime, metadata: { [echoInitial]: value }, info });
  assert.ok(info.headers.get(echoInitial) === value, "the field comes back whole");
};
