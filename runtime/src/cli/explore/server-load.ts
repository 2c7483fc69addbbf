import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker } from "../../rpc/invoker.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import { Channelz } from "../../services/channelz.js";
import { createClient } from "../../stub/client.js";
import type { LoadEvent } from "./protocol.js";

/** One look at the server's own counters, those of gRFC A14. */
export async function readLoad(invoker: Invoker, options: CallOptions): Promise<LoadEvent> {
  try {
    const { server } = await createClient(Channelz, invoker).getServers({}, options);
    let [started, failed, succeeded] = [0, 0, 0];
    for (const { data } of server) {
      started += Number(data?.callsStarted ?? 0n);
      failed += Number(data?.callsFailed ?? 0n);
      succeeded += Number(data?.callsSucceeded ?? 0n);
    }
    return { type: "load", started, failed, inFlight: Math.max(0, started - failed - succeeded) };
  } catch (error) {
    const isMissing = error instanceof StatusError && error.code === StatusCode.UNIMPLEMENTED;
    return { type: "load", problem: isMissing ? "the server has no channelz service" : "the server does not answer" };
  }
}
