import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type NegativeCase, startNegativeServer } from "./negative-server.js";
import {
  clientPreface,
  FrameReader,
  flag,
  frame,
  headerBlock,
  type RawFrame,
  settings,
  type,
  uint32,
} from "./raw-frames.js";

/** What a server has to see of a client that breaks the rules: else its silence proves nothing. */
describe("the negative server", () => {
  const request = (streamId: number): Buffer =>
    frame(type.HEADERS, flag.END_HEADERS, streamId, headerBlock({ ":path": "/grpc.testing.TestService/UnaryCall" }));

  /** Opens a connection, says `parts`, and waits until the server has answered a PING behind them. */
  async function say(name: NegativeCase, ...parts: Buffer[]) {
    await using server = await startNegativeServer(name);
    const socket = connect(server.port, "127.0.0.1");
    const opening = [clientPreface, settings(), frame(type.SETTINGS, flag.ACK, 0), frame(type.SETTINGS, flag.ACK, 0)];
    socket.write(Buffer.concat([...opening, ...parts, frame(type.PING, 0, 0, Buffer.from("the end."))]));
    const answered = await framesUntilPong(socket);
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    return { violations: server.connections[0]?.violations, answered };
  }

  async function framesUntilPong(socket: Socket): Promise<RawFrame[]> {
    const reader = new FrameReader();
    const answered: RawFrame[] = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      answered.push(...reader.read(chunk));
      if (answered.some(({ payload }) => payload.toString() === "the end.")) break;
    }
    return answered;
  }

  it("sees a stream too many", async () => {
    const { violations } = await say("max_streams", request(1), request(3));
    assert.deepEqual(violations, ["stream 3 is opened beside 1, limit 1"]);
  });

  it("sees a window that is too wide, and one that is widened by nothing", async () => {
    const update = (increment: number): Buffer => frame(type.WINDOW_UPDATE, 0, 0, uint32(increment));
    const { violations } = await say("goaway", update(0x7fff_ffff), update(0));
    const tooWide = 0x7fff_ffff + 65_535;
    assert.deepEqual(violations, [
      "a window of 65535 is widened by 2147483647",
      `a window of ${tooWide} is widened by 0`,
    ]);
  });

  it("ends no call whose client leaves PINGs unanswered", async () => {
    const empty = frame(type.DATA, flag.END_STREAM, 1, Buffer.alloc(5));
    const { answered } = await say("ping", request(1), empty);
    const types = answered.filter(({ streamId }) => streamId === 1).map((received) => received.type);
    assert.deepEqual(types, [type.HEADERS, type.WINDOW_UPDATE, type.DATA], "no trailers");
    assert.equal(answered.filter((received) => received.type === type.PING).length, 5, "four of its own, one answer");
  });
});
