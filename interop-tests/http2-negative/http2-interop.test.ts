import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createServer, insecureServer, tlsServer } from "godwit";
import { TestService } from "../gen/grpc/testing/test_godwit.js";
import { sharedAuthority } from "../support/certificates.js";
import { clientPreface, FrameReader, flag, frame, type RawFrame, setting, settings, type } from "./raw-frames.js";

/** http2_interop gives a server one second; a machine under load may need more. */
const timeLimitMs = 10_000;

type Open = (port: number) => Socket;

const authority = sharedAuthority();
const { chain, key } = authority.issue({ dnsNames: ["localhost"] });

const transports = {
  "in plaintext": {
    credentials: insecureServer(),
    open: (port: number) => connect(port, "127.0.0.1"),
  },
  "over TLS": {
    credentials: tlsServer({ certificate: chain, key }),
    open: (port: number) => {
      const ca = authority.certificate;
      return connectTls({ host: "127.0.0.1", port, ca, servername: "localhost", ALPNProtocols: ["h2"] });
    },
  },
};

/** Sends `bytes` and reads to the end of the connection, which must be one and no reset. */
async function framesUntilEnd(open: Open, port: number, ...bytes: Buffer[]): Promise<RawFrame[]> {
  const socket = open(port);
  socket.setTimeout(timeLimitMs, () => socket.destroy(new Error(`still open after ${timeLimitMs} ms`)));
  socket.write(Buffer.concat(bytes));
  const reader = new FrameReader();
  const received: RawFrame[] = [];
  for await (const chunk of socket) received.push(...reader.read(chunk as Buffer));
  return received;
}

/** Sends `bytes` and reads until `isEnough`. */
async function framesUntil(
  socket: Socket,
  isEnough: (frames: readonly RawFrame[]) => boolean,
  ...bytes: Buffer[]
): Promise<RawFrame[]> {
  socket.setTimeout(timeLimitMs, () => socket.destroy(new Error(`not enough after ${timeLimitMs} ms`)));
  socket.write(Buffer.concat(bytes));
  const reader = new FrameReader();
  const received: RawFrame[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received.push(...reader.read(chunk as Buffer));
    if (isEnough(received)) break;
  }
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
  return received;
}

/** gRPC's tools/http2_interop, for servers. */
for (const [how, { credentials, open }] of Object.entries(transports)) {
  describe(`our server and a client that goes wrong, ${how}`, () => {
    // All of them come from one address: with its default, each behind the tenth would be read a quarter of a second later.
    const server = createServer({ faultHoldMs: 0 });
    server.addPartial(TestService, {});
    let port = 0;
    before(async () => {
      ({ port } = await server.listen("127.0.0.1:0", { credentials }));
    });
    after(() => server.close({ graceMs: 0 }));

    const goAwayCode = (frames: readonly RawFrame[]): number | undefined =>
      frames.find((received) => received.type === type.GOAWAY)?.payload.readUInt32BE(4);
    const PROTOCOL_ERROR = 1;
    const FRAME_SIZE_ERROR = 6;

    for (let length = 0; length < clientPreface.length - 1; length++) {
      const start = clientPreface.subarray(0, length);
      it(`TestShortPreface: ${JSON.stringify(`${start}X`)} ends the connection`, async () => {
        const frames = await framesUntilEnd(open, port, start, Buffer.from("X"));
        assert.equal(goAwayCode(frames), PROTOCOL_ERROR);
      });
    }

    for (let length = 1; length <= 5; length++) {
      it(`TestClientShortSettings: SETTINGS of ${length} octets end the connection`, async () => {
        const frames = await framesUntilEnd(
          open,
          port,
          clientPreface,
          frame(type.SETTINGS, 0, 0, Buffer.alloc(length)),
        );
        assert.equal(goAwayCode(frames), FRAME_SIZE_ERROR);
      });
    }

    it("TestClientPrefaceWithStreamId: SETTINGS of a stream end the connection", async () => {
      const frames = await framesUntilEnd(open, port, clientPreface, frame(type.SETTINGS, 0, 1));
      assert.equal(goAwayCode(frames), PROTOCOL_ERROR);
    });

    it("TestUnknownFrameType: frames of all types that do not exist are ignored", async () => {
      const unknown = Array.from({ length: 256 - 11 }, (_, index) => frame(11 + index, 0, 0));
      const ping = frame(type.PING, 0, 0, Buffer.from("01234567"));
      const pongs = (frames: readonly RawFrame[]) => frames.filter((received) => received.type === type.PING);
      const isEnough = (frames: readonly RawFrame[]) => pongs(frames).length > 0;
      const frames = await framesUntil(open(port), isEnough, clientPreface, settings(), ...unknown, ping);
      const [pong] = pongs(frames);
      assert.deepEqual([pong?.flags, pong?.payload.toString()], [flag.ACK, "01234567"]);
    });

    it("TestSmallMaxFrameSize: a SETTINGS_MAX_FRAME_SIZE below 16,384 ends the connection", async () => {
      const frames = await framesUntilEnd(open, port, clientPreface, settings({ [setting.MAX_FRAME_SIZE]: 16_383 }));
      assert.equal(goAwayCode(frames), PROTOCOL_ERROR);
    });

    it("TestAllSettingsFramesAcked: each SETTINGS is acknowledged", async () => {
      const ours = (frames: readonly RawFrame[]) => frames.filter((received) => received.type === type.SETTINGS);
      const isEnough = (frames: readonly RawFrame[]) => ours(frames).length === 12;
      const sent = Array.from({ length: 11 }, () => settings());
      const frames = ours(await framesUntil(open(port), isEnough, clientPreface, ...sent));
      assert.deepEqual(
        frames.map(({ flags }) => flags & flag.ACK),
        [0, ...sent.map(() => flag.ACK)],
      );
      for (const { payload } of frames.slice(1)) assert.equal(payload.length, 0);
    });
  });
}
