import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type CertificateProvider, type Peer, type ResolverFactory, StatusCode } from "godwit";
import { ConnectProxy } from "../../support/connect-proxy.js";
import { failureOf } from "../loopback.js";
import { serve } from "./foreign-tls.js";
import { authority, goodClient, identity, openClient, openSecure } from "./secure-loopback.js";

/** Endpoints on ports of this host, each with the name that its server must prove. */
function resolverOf(identities: Readonly<Record<number, string>>): ResolverFactory {
  const endpoints = Object.entries(identities).map(([port, serverIdentity]) => ({
    addresses: [{ transport: "tcp", host: "127.0.0.1", port: Number(port) }] as const,
    attributes: { serverIdentity },
  }));
  return {
    scheme: "fleet",
    defaultAuthority: () => "fleet.internal",
    create: () => ({
      value: {
        start: (listener) => listener.onResult({ endpoints: { value: endpoints } }),
        resolveNow() {},
        close: () => Promise.resolve(),
      },
    }),
  };
}

describe("ways to a server with TLS", () => {
  it("lead through a proxy's tunnel: TLS is the server's, and the proxy sees none of it", async () => {
    await using loopback = await openSecure();
    await using proxy = await ConnectProxy.open({ names: { "api.internal:443": loopback.port } });
    const { channel, echo } = openClient(
      0,
      {},
      { proxy: `http://127.0.0.1:${proxy.port}`, target: "api.internal:443" },
    );
    assert.equal((await echo.unary({ id: "kettle" })).id, "kettle");
    await channel.close();
    assert.equal(proxy.heads.length, 1);
    await using stranger = await ConnectProxy.open({ names: { "db.internal:443": loopback.port } });
    const other = openClient(
      0,
      {},
      {
        proxy: `http://127.0.0.1:${stranger.port}`,
        target: "db.internal:443",
        authority: "db.internal",
      },
    );
    const error = await failureOf(other.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /db\.internal:443 via proxy 127\.0\.0\.1:\d+: certificate is for api\.internal/);
    await other.channel.close();
  });

  it("lead to endpoints of which each has a name of its own, or a SPIFFE ID", async () => {
    const spiffeId = "spiffe://prod.example/shop";
    await using first = await openSecure({ credentials: identity(authority.issue({ dnsNames: ["a.internal"] })) });
    await using second = await openSecure({ credentials: identity(authority.issue({ uris: [spiffeId] })) });
    const resolvers = [resolverOf({ [first.port]: "a.internal", [second.port]: spiffeId })];
    const options = { target: "fleet:all", resolvers, loadBalancing: "round_robin", authority: undefined } as const;
    const { channel, echo } = openClient(0, {}, options);
    while (first.peers.length === 0 || second.peers.length === 0) await echo.unary({});
    await channel.close();
    const wrong = [resolverOf({ [first.port]: spiffeId })];
    const other = openClient(0, {}, { ...options, resolvers: wrong });
    const error = await failureOf(other.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /certificate is for a\.internal, spiffe:\/\/prod\.example\/shop was asked for/);
    await other.channel.close();
  });

  it("are shared by channels with the same credentials, and by no others", async () => {
    await using loopback = await openSecure();
    const credentials = { roots: authority.certificate };
    const [one, two] = [openClient(loopback.port, credentials), openClient(loopback.port, credentials)];
    await Promise.all([one.echo.unary({}), two.echo.unary({})]);
    assert.equal(new Set(loopback.peers.map(({ address }) => address)).size, 2);
    await Promise.all([one.channel.close(), two.channel.close()]);
  });
});

describe("what a client asks for", () => {
  it("is the host by SNI, without a final dot, and never an address (RFC 6066 §3)", async () => {
    const asked: (string | false | null | undefined)[] = [];
    const { chain: cert, key } = authority.issue({ dnsNames: ["api.internal"], ipAddresses: ["127.0.0.1"] });
    const bare = createTlsServer({ cert, key, ALPNProtocols: ["h2"] }, (socket) => {
      asked.push((socket as { servername?: string | false | null }).servername);
      socket.end();
    });
    await using server = await serve(bare);
    for (const host of ["api.internal", "API.internal.", "127.0.0.1"]) {
      const { channel, echo } = openClient(server.port, {}, { authority: `${host}:443` });
      await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
      await channel.close();
    }
    assert.deepEqual(asked, ["api.internal", "api.internal", false]);
  });

  it("is taken from a provider that is watched as long as the channel is not idle", async () => {
    await using loopback = await openSecure();
    let watchers = 0;
    const material = { roots: [authority.certificate] };
    const provider: CertificateProvider = {
      current: () => (watchers > 0 ? material : undefined),
      watch(listener) {
        watchers++;
        queueMicrotask(() => listener.onMaterial(material));
        return { close: () => watchers-- };
      },
    };
    const { channel, echo } = openClient(loopback.port, { provider });
    assert.equal(watchers, 0);
    await echo.unary({});
    assert.equal(watchers, 1);
    await channel.close();
    assert.equal(watchers, 0);
  });
});

describe("handshakes that fail", () => {
  const garbage = async (port: number): Promise<void> => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const closed = new Promise((resolve) => socket.resume().on("close", resolve));
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await closed;
  };

  it("count as faults of their address, whose next connections wait", async () => {
    const server = { maxFaultsPerAddress: 2, faultHoldMs: 1 };
    await using loopback = await openSecure({ server });
    for (let i = 0; i < 3; i++) await garbage(loopback.port);
    const told = /connections of this address broke the protocol again and again, limit 2 \(maxFaultsPerAddress\)/;
    assert.match(loopback.refusals.join("\n"), told);
    assert.equal((await loopback.connect().echo.unary({ id: "kettle" })).id, "kettle");
  });

  it("and those that are under way count for maxConnections", async () => {
    await using loopback = await openSecure({ server: { maxConnections: 1 } });
    const silent = connect(loopback.port, "127.0.0.1").on("error", () => undefined);
    await once(silent, "connect");
    const error = await failureOf(loopback.connect().echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /the server closed the connection during the TLS handshake/);
    assert.equal(await loopback.refusal, "the server has 1 open connections, limit 1 (maxConnections)");
    silent.destroy();
  });
});

describe("onConnection of a listener", () => {
  const open = (onConnection: (peer: Peer) => string | undefined) =>
    openSecure({ credentials: { clientRoots: authority.certificate }, listen: { onConnection } });

  it("knows who comes, and lets in", async () => {
    const seen: (string | undefined)[] = [];
    await using loopback = await open((peer) => {
      seen.push(peer.tls?.identity?.spiffeId);
      return undefined;
    });
    await loopback.connect(identity(goodClient)).echo.unary({});
    assert.deepEqual(seen, ["spiffe://prod.example/shop"]);
    assert.deepEqual(loopback.refusals, []);
  });

  const refusing: readonly [what: string, hook: () => string | undefined, heard: RegExp, told: RegExp][] = [
    [
      "a sentence",
      () => "shop is closed",
      /INADEQUATE_SECURITY\): shop is closed/,
      /^onConnection refused it: shop is closed$/,
    ],
    [
      "an exception, of which the client reads nothing",
      () => {
        throw new Error("the database is away");
      },
      /the server could not decide whether to take this connection/,
      /onConnection failed, and the connection was refused: the database is away/,
    ],
    [
      "a promise",
      (async () => undefined) as unknown as () => undefined,
      /the server could not decide/,
      /onConnection returned object, expected nothing or a sentence; the connection was refused/,
    ],
  ];
  for (const [what, hook, heard, told] of refusing) {
    it(`sends away by ${what}`, async () => {
      await using loopback = await open(hook);
      const error = await failureOf(loopback.connect(identity(goodClient)).echo.unary({}), StatusCode.UNAVAILABLE);
      assert.match(error.message, heard);
      assert.ok(!error.message.includes("database"));
      assert.match(await loopback.refusal, told);
      assert.equal(loopback.peers.length, 0);
    });
  }
});
