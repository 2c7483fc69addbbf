import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { zeros } from "../payload.js";

/** All calls go to one server. */
export const pickFirstUnary: OfficialCase = async ({ service }) => {
  const servers = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const request = { responseSize: 1, payload: zeros(1), fillServerId: true };
    servers.add((await service.unaryCall(request, inTime)).serverId);
  }
  assert.equal(servers.size, 1, `servers: ${[...servers].join(", ")}`);
  assert.ok(!servers.has(""), "the server has an id");
};
