import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditEvent,
  type AuthorizationPolicyInit,
  type CallOptions,
  type Channel,
  createChannel,
  createClient,
  type Server,
  type Service,
  StatusCode,
  StatusError,
  type TlsChannelOptions,
  tls,
} from "godwit";
import { jwtAuthenticator, signedJwt } from "godwit/jwt";
import { checkRejections } from "../../support/unhandled-rejections.js";
import { collect } from "../loopback.js";
import { authority, good, goodClient, identity, openSecure, serverName } from "./secure-loopback.js";

/** URI SANs hide DNS SANs, and these the subject (gRFC A41). */
const byUri = authority.issue({ uris: ["spiffe://prod.example/admin"], dnsNames: ["till.internal"] });
const byDns = authority.issue({ dnsNames: ["till.internal", "till-7.internal"], commonName: "till" });
const bySubject = authority.issue({ commonName: "batch", organization: "Shop" });
const nameless = authority.issue({ commonName: undefined });

const policy: AuthorizationPolicyInit = {
  name: "shop",
  deny_rules: [{ name: "no tills", source: { principals: ["till.internal"] }, request: { paths: ["*/Bidi"] } }],
  allow_rules: [
    { name: "admins", source: { principals: ["spiffe://prod.example/admin"] } },
    { name: "tills", source: { principals: ["*.internal"] } },
    { name: "batch", source: { principals: ["CN=batch*", "*CN=batch"] }, request: { paths: ["*/Unary"] } },
    { name: "anybody", source: { principals: ["", "*"] }, request: { paths: ["*/ServerStream"] } },
  ],
  audit_logging_options: { audit_condition: "ON_DENY_AND_ALLOW", audit_loggers: [{ name: "recorder" }] },
};

async function codeOf(call: Promise<unknown>): Promise<StatusCode> {
  try {
    await call;
    return StatusCode.OK;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.code;
  }
}

describe("authorization over TLS", () => {
  checkRejections();

  it("compares principals with the certificate that a client has shown, and with nothing that it says", async () => {
    const events: AuditEvent[] = [];
    const logger = { log: (event: AuditEvent) => void events.push(event) };
    const auditLoggers = [{ name: "recorder", create: () => ({ value: logger }) }];
    await using secure = await openSecure({
      credentials: { clientCertificate: "request", clientRoots: authority.certificate },
      server: { authorization: { policy, auditLoggers } },
    });
    const rows: readonly (readonly [
      who: string,
      client: TlsChannelOptions,
      principal: string,
      rules: readonly string[],
    ])[] = [
      ["no certificate", {}, "", ["", "anybody", ""]],
      ["URI", identity(byUri), "spiffe://prod.example/admin", ["admins", "admins", "admins"]],
      ["DNS", identity(byDns), "till.internal", ["tills", "tills", "!no tills"]],
      ["another URI", identity(goodClient), "spiffe://prod.example/shop", ["", "anybody", ""]],
      ["no name", identity(nameless), "", ["", "anybody", ""]],
    ];
    for (const [who, client, principal, rules] of rows) {
      events.length = 0;
      const { echo } = secure.connect(client);
      const codes = [
        await codeOf(echo.unary({}, { metadata: { principal: "spiffe://prod.example/admin" } })),
        await codeOf(collect(echo.serverStream({ count: 1 }))),
        await codeOf(collect(echo.bidi([{ index: 1 }]))),
      ];
      const expected = rules.map((rule) =>
        rule === "" || rule.startsWith("!") ? StatusCode.PERMISSION_DENIED : StatusCode.OK,
      );
      assert.deepEqual(codes, expected, who);
      assert.deepEqual(
        events.map((event) => [event.principal, event.matchedRule]),
        rules.map((rule) => [principal, rule.replace("!", "")]),
        who,
      );
    }
    events.length = 0;
    const { echo } = secure.connect(identity(bySubject));
    assert.equal(await codeOf(echo.unary({})), StatusCode.OK);
    assert.equal(events[0]?.matchedRule, "batch", `the subject is ${events[0]?.principal}`);
    assert.deepEqual(secure.refusals, []);
  });

  it("knows a caller by the token that it signs, and the connection by its certificate", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const audience = "shop";
    const issuer = "https://issuer.internal";
    const authenticate = jwtAuthenticator({ issuer, audience, jwks: { keys: [publicKey.export({ format: "jwk" })] } });
    await using secure = await openSecure({
      credentials: { clientCertificate: "require", clientRoots: authority.certificate },
      server: { authenticate },
      handlers: {
        unary: (_request, { principal, peer }) => ({ id: `${principal?.name} by ${peer.tls?.identity?.spiffeId}` }),
      },
    });
    const signer = (key: typeof privateKey, claims = {}) =>
      signedJwt({
        ...{ key: key.export({ type: "pkcs8", format: "pem" }) as string, algorithm: "ES256" },
        ...{ issuer, subject: "ada", audience, claims },
      });
    const { echo } = secure.connect(identity(goodClient));
    const credentials = signer(privateKey, { roles: ["admin"] });
    for (let i = 0; i < 3; i++) {
      assert.equal((await echo.unary({}, { credentials })).id, "ada by spiffe://prod.example/shop");
    }
    const refusals: readonly (readonly [object, string])[] = [
      [{}, "authorization is missing: expected a bearer token"],
      [{ credentials: signer(stranger.privateKey) }, "the token has a signature that is not right"],
      [
        { metadata: { authorization: "Basic YTpi" } },
        "authorization is no bearer token of three parts, a JSON Web Token",
      ],
    ];
    for (const [options, statusMessage] of refusals) {
      await assert.rejects(echo.unary({}, options), { code: StatusCode.UNAUTHENTICATED, statusMessage });
    }
  });

  it("is what the shop of examples/ says: tills by certificate, people by token, interns only look", async () => {
    // The example is compiled with the others, beside this test's own build.
    const examples = new URL("../../../../../examples/build/", import.meta.url);
    const { openGuardedShop } = (await import(new URL("guarded-shop.js", examples).href)) as {
      openGuardedShop(folder: string, jwks: object, address: string): Promise<{ server: Server; port: number }>;
    };
    const { ShopService } = (await import(new URL("gen/godwit/demo/v1/shop_godwit.js", examples).href)) as {
      ShopService: Service;
    };
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const folder = await mkdtemp(join(tmpdir(), "godwit-shop-"));
    await writeFile(join(folder, "tls.crt"), good.chain);
    await writeFile(join(folder, "tls.key"), good.key);
    await writeFile(join(folder, "ca.crt"), authority.certificate);
    const jwks = { keys: [publicKey.export({ format: "jwk" })] };
    const { server, port } = await openGuardedShop(folder, jwks, "127.0.0.1:0");
    const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const issuer = "https://login.shop.example";
    const token = (role: string) => signedJwt({ key, algorithm: "ES256", issuer, audience: "shop", claims: { role } });
    const till = authority.issue({ uris: ["spiffe://shop.example/till/7"] });
    const open = (client: TlsChannelOptions) =>
      createChannel(`127.0.0.1:${port}`, {
        credentials: tls({ roots: authority.certificate, ...client }),
        authority: serverName,
      });
    const anybody = open({});
    const machine = open(identity(till));
    const outcomes = async (channel: Channel, options: CallOptions = {}) => {
      const shop = createClient(ShopService, channel) as unknown as ShopClient;
      const looked = await codeOf(shop.getItem({ id: "mug" }, options));
      return [looked, await codeOf(shop.placeOrder([], options)), await codeOf(collect(shop.chat([], options)))];
    };
    const { OK, PERMISSION_DENIED: no } = StatusCode;
    using audit = new AuditLines();
    assert.deepEqual(await outcomes(anybody), [OK, no, no]);
    assert.deepEqual(await outcomes(anybody, { metadata: { "x-role": "clerk" } }), [OK, no, no]);
    assert.deepEqual(await outcomes(machine), [OK, OK, OK]);
    assert.deepEqual(await outcomes(anybody, { credentials: token("clerk") }), [OK, OK, OK]);
    assert.deepEqual(await outcomes(anybody, { credentials: token("intern") }), [OK, no, OK]);
    assert.deepEqual(
      audit.lines.map((line) =>
        /"rpc_method":"[^"]+\/(\w+)".*"matched_rule":"([^"]*)"/.exec(line)?.slice(1).join(": "),
      ),
      ["PlaceOrder: ", "Chat: ", "PlaceOrder: ", "Chat: ", "PlaceOrder: interns only look"],
    );
    await anybody.close();
    await machine.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
});

/** What stdout_logger prints meanwhile, in place of printing it. */
class AuditLines implements Disposable {
  readonly lines: string[] = [];
  readonly #write = process.stdout.write;

  constructor() {
    process.stdout.write = ((chunk: string, ...rest: never[]) => {
      if (!chunk.startsWith('{"grpc_audit_log"')) return this.#write.call(process.stdout, chunk, ...rest);
      this.lines.push(chunk);
      return true;
    }) as typeof process.stdout.write;
  }

  [Symbol.dispose](): void {
    process.stdout.write = this.#write;
  }
}

interface ShopClient {
  getItem(request: object, options?: CallOptions): Promise<unknown>;
  placeOrder(requests: readonly object[], options?: CallOptions): Promise<unknown>;
  chat(requests: readonly object[], options?: CallOptions): AsyncIterable<unknown>;
}
