import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { forSeeds } from "../../hpack/random.js";
import { SessionPair } from "../../support/session-pair.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);

describe("Http2Session pair: windows", () => {
  it("both sides agree to the byte after much traffic: what is sent without a release is the window", () => {
    forSeeds(8, (cuts) => {
      const limits = { streamWindowBytes: 70_000, connectionWindowBytes: 90_000 };
      const pair = SessionPair.open({ clientLimits: limits, serverLimits: limits, cuts });
      const { client, server } = pair;
      for (let i = 0; i < 20; i++) {
        const id = client.session.openStream(request, false) as number;
        client.sendMessage(id, Buffer.alloc(cuts.below(200_000)));
        if (i % 3 === 0) pair.drive();
        if (i % 4 === 0) client.session.resetStream(id, ErrorCode.CANCEL);
        pair.drive();
        if (i % 5 === 0) server.session.resetStream(id, ErrorCode.NO_ERROR);
      }
      pair.drive();
      server.drainEvents();
      let received = 0;
      server.handle = (event) => {
        if (event.type === "data") received += event.end - event.start;
      };
      const ids = [1, 2].map(() => client.session.openStream(request, false) as number);
      client.sendMessage(ids[0] as number, Buffer.alloc(200_000));
      pair.drive();
      assert.ok(received <= 70_000 && received > 35_000, `a stream's window let ${received} through`);
      client.sendMessage(ids[1] as number, Buffer.alloc(200_000));
      pair.drive();
      assert.ok(received <= 90_000 && received > 45_000, `the connection's window let ${received} through`);
      assert.ok(!client.session.closed && !server.session.closed);
    });
  });

  it("carries megabytes through small windows, both ways at once", () => {
    forSeeds(4, (cuts) => {
      const limits = { streamWindowBytes: 10_000, connectionWindowBytes: 65_535 };
      const pair = SessionPair.open({ clientLimits: limits, serverLimits: limits, cuts });
      const ids = Array.from({ length: 5 }, () => pair.client.session.openStream(request, false) as number);
      const body = Buffer.alloc(200_000, "0123456789");
      pair.drive();
      for (const id of ids) {
        pair.server.session.sendHeaders(id, new HeaderBlock([":status", "200"]), false);
        pair.server.sendMessage(id, body, true);
        pair.client.sendMessage(id, body, true);
      }
      const got = new Map<string, Buffer[]>();
      for (const side of [pair.client, pair.server]) {
        side.handle = (event) => {
          if (event.type !== "data") return;
          const key = `${event.streamId} ${side === pair.client}`;
          const pieces = got.get(key) ?? [];
          got.set(key, pieces);
          pieces.push(Buffer.from(event.bytes.subarray(event.start, event.end)));
          side.session.releaseWindow(event.streamId, event.end - event.start);
        };
      }
      pair.drive();
      assert.equal(got.size, 10);
      for (const pieces of got.values()) assert.ok(Buffer.concat(pieces).equals(body));
      assert.equal(pair.client.session.openStreams + pair.server.session.openStreams, 0);
    });
  });
});
