/** The servers that stand behind a proxy: ours, and grpc-go's. Both echo metadata. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { startGoServer } from "../../grpc-go/go-server.js";
import { echoHandlers, startOurServer } from "../../ours/our-server.js";

export interface Backend extends AsyncDisposable {
  readonly port: number;
}

export interface BackendKind {
  readonly name: string;
  start(): Promise<Backend>;
}

const variable = "GODWIT_GO_SERVER";

export const backends: readonly BackendKind[] = [
  { name: "our server", start: startOurs },
  {
    name: "grpc-go's server",
    start() {
      const binary = process.env[variable];
      if (binary === undefined) throw new Error(`${variable} is not set: npm run real -- proxies sets it`);
      return startGoServer(binary);
    },
  },
];

function startOurs(): Promise<Backend> {
  return startOurServer(
    {
      async unary(request, context) {
        const initial = context.metadata.get("x-echo-initial");
        if (initial !== undefined) context.setHeaders({ "x-echo-initial": initial });
        const trailing = context.metadata.get("x-echo-trailing-bin");
        if (trailing !== undefined) context.trailers.set("x-echo-trailing-bin", trailing);
        if (request.delayMs > 0) await sleep(request.delayMs, undefined, { signal: context.signal });
        return echoHandlers.unary(request, context);
      },
    },
    { limits: { maxReceiveMessageBytes: 64 << 20 } },
  );
}
