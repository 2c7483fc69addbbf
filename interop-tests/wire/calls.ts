/**
 * What `npm run wire` captures when it is given no command: calls of all kinds, compressed, large and empty ones, long headers,
 * refusals, deadlines, cancellations, PINGs and GOAWAYs between us, grpc-js and, where it has been built, grpc-go; with TLS, too.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { insecure, tlsServer } from "godwit";
import { readGoStream } from "../grpc-go/go-client.js";
import { startGoServer } from "../grpc-go/go-server.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { type OurClient, openOurClient } from "../ours/our-client.js";
import { echoHandlers, startOurServer } from "../ours/our-server.js";
import { CertificateFiles } from "../support/certificate-files.js";

const { GODWIT_GO_SERVER: goServer, GODWIT_GO_CLIENT: goClient } = process.env;
const large = new Uint8Array(3 * 1024 * 1024).map((_, i) => i % 251);
const options = { keepalive: { timeMs: 10_000 }, idleTimeoutMs: 60_000 };

/** A server of ours that takes the time that it is asked to take. */
const startSlowServer = () =>
  startOurServer(
    {
      async unary(request, context) {
        if (request.delayMs > 0) await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        return echoHandlers.unary(request, context);
      },
    },
    { limits: { maxHeaderListBytes: 65_536 } },
  );

async function ourClient(port: number, credentials = insecure()): Promise<void> {
  await using client = openOurClient(port, { ...options, credentials });
  await everyKind(client);
  await failures(client);
  await Promise.all(Array.from({ length: 200 }, (_, i) => client.echo.unary({ id: String(i) })));
}

async function everyKind({ echo }: OurClient): Promise<void> {
  for (const compression of ["identity", "gzip"]) {
    await echo.unary({}, { compression });
    await echo.unary({ id: "x", payload: large }, { compression });
    await drain(echo.serverStream({ count: 50, size: 20_000 }, { compression }));
    const requests = Array.from({ length: 50 }, (_, index) => ({ index, payload: large.subarray(0, 1000 * index) }));
    await echo.clientStream(requests, { compression });
    await drain(echo.bidi(requests, { compression }));
    await echo.clientStream([], { compression });
  }
  // More than a frame of headers holds: CONTINUATION follows.
  const metadata = { "x-long": "0123456789abcdef".repeat(1500), "x-octets-bin": large.subarray(0, 5000) };
  await echo.unary({}, { metadata });
}

async function failures({ echo }: OurClient): Promise<void> {
  await echo.unary({ failWithCode: 5, failWithMessage: "\tno ☺ 😈" }).catch(() => {});
  await drain(echo.serverStream({ count: 2, size: 1, failWithCode: 10 })).catch(() => {});
  await echo.unary({ delayMs: 60_000 }, { timeoutMs: 30 }).catch(() => {});
  await echo.unary({ delayMs: 60_000 }, { signal: AbortSignal.timeout(30) }).catch(() => {});
  for await (const { index } of echo.serverStream({ count: 100_000, size: 1000 })) if (index === 5) break;
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

async function grpcJsClient(port: number): Promise<void> {
  using client = new GrpcJsClient(port);
  await client.unary({ id: "x", payload: large });
  await client.clientStream([{ payload: large.subarray(0, 100_000) }, {}]);
  await readAll(client.serverStream({ count: 50, size: 20_000 }));
  const call = client.bidi();
  for (let index = 0; index < 50; index++) call.write({ index });
  call.end();
  await readAll(call);
  await client.unary({ failWithCode: 5, failWithMessage: "no ☺" });
  await client.unary({ delayMs: 60_000 }, { deadline: Date.now() + 30 });
}

using certificate = new CertificateFiles();
{
  await using server = await startSlowServer();
  await ourClient(server.port);
  const pem = { certificate: readFileSync(certificate.chain), key: readFileSync(certificate.key) };
  const secured = await server.server.listen("127.0.0.1:0", { credentials: tlsServer(pem) });
  await ourClient(secured.port, certificate.credentials);
  await grpcJsClient(server.port);
  if (goClient !== undefined) await readGoStream(goClient, server.port, 200, 50_000);
}
{
  await using server = await startGrpcJsServer();
  await ourClient(server.port);
  await server.shutdown();
}
if (goServer !== undefined) {
  await using server = await startGoServer(goServer);
  await ourClient(server.port);
  await using secured = await startGoServer(goServer, certificate);
  await ourClient(secured.port, certificate.credentials);
}
