import assert from "node:assert/strict";
import { connect } from "node:net";
import { createServer, tlsServer } from "godwit";
import { TestService } from "../gen/grpc/testing/test_godwit.js";
import { sharedAuthority } from "../support/certificates.js";
import { type ClientHello, describeAnswer, encodeClientHello, tlsVersion } from "./client-hello.js";

/** http2_interop gives a server one second; a machine under load may need more. */
const timeLimitMs = 10_000;

/** RFC 8446 §6. */
const alert = { handshakeFailure: 40, protocolVersion: 70, noApplicationProtocol: 120 } as const;

/** Suites that HTTP/2 may use, for either kind of certificate. */
const goodSuites = [0xc02b, 0xc02f];

/** Those of TLS 1.2 that the suite offers; HTTP/2 may use none of them (RFC 9113 Appendix A). */
const badSuites: Readonly<Record<string, number>> = {
  TLS_RSA_WITH_RC4_128_SHA: 0x0005,
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: 0x000a,
  TLS_RSA_WITH_AES_128_CBC_SHA: 0x002f,
  TLS_RSA_WITH_AES_256_CBC_SHA: 0x0035,
  TLS_ECDHE_ECDSA_WITH_RC4_128_SHA: 0xc007,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 0xc009,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 0xc00a,
  TLS_ECDHE_RSA_WITH_RC4_128_SHA: 0xc011,
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: 0xc012,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 0xc013,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 0xc014,
};

/** gRPC's tools/http2_interop, for servers: the part about TLS. */
for (const keyType of ["P-256", "RSA"] as const) {
  describe(`our server with a certificate of ${keyType}, and a client whose TLS is not HTTP/2's`, () => {
    const server = createServer({ faultHoldMs: 0 });
    server.addPartial(TestService, {});
    let port = 0;
    before(async () => {
      const { chain, key } = sharedAuthority().issue({ keyType });
      ({ port } = await server.listen("127.0.0.1:0", { credentials: tlsServer({ certificate: chain, key }) }));
    });
    after(() => server.close({ graceMs: 0 }));

    /** What the server answers, and whether that was the end of the connection. */
    async function answerTo(hello: Partial<ClientHello>): Promise<string> {
      const socket = connect(port, "127.0.0.1");
      socket.setTimeout(timeLimitMs, () => socket.destroy(new Error(`still open after ${timeLimitMs} ms`)));
      socket.write(encodeClientHello({ version: tlsVersion["1.2"], suites: goodSuites, alpn: ["h2"], ...hello }));
      const chunks: Buffer[] = [];
      for await (const chunk of socket) {
        chunks.push(chunk as Buffer);
        const answer = describeAnswer(Buffer.concat(chunks));
        if (answer.startsWith("handshake")) return answer;
      }
      return describeAnswer(Buffer.concat(chunks));
    }

    it("goes on with one whose TLS is", async () => {
      assert.equal(await answerTo({}), "handshake message 2");
    });

    it("TestTLSApplicationProtocol: h2c over TLS ends the connection", async () => {
      assert.equal(await answerTo({ alpn: ["h2c"] }), `fatal alert ${alert.noApplicationProtocol}`);
    });

    it("TestTLSMaxVersion: TLS 1.1 ends the connection", async () => {
      assert.equal(await answerTo({ version: tlsVersion["1.1"] }), `fatal alert ${alert.protocolVersion}`);
    });

    it("TestTLSBadCipherSuites: all of them together end the connection", async () => {
      assert.equal(await answerTo({ suites: Object.values(badSuites) }), `fatal alert ${alert.handshakeFailure}`);
    });

    for (const [name, suite] of Object.entries(badSuites)) {
      it(`TestTLSBadCipherSuites: ${name} ends the connection`, async () => {
        assert.equal(await answerTo({ suites: [suite] }), `fatal alert ${alert.handshakeFailure}`);
      });
    }
  });
}
