import type { Peer } from "../../src/base/platform.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { createServer, type Server } from "../../src/server/server.js";
import type { InProcessInvoker } from "../../src/transport/in-process/in-process-transport.js";
import type { ConnectionReport } from "../../src/transport/transport.js";
import { defaultTransportLimits } from "../../src/transport/transport-limits.js";
import { checkedDoor } from "./checked-door.js";
import type { Scenario } from "./scenario.js";
import { createHandlers } from "./workload/handlers.js";
import type { Journal, ServerRecord } from "./workload/journal.js";
import { Sim, SimAgain } from "./workload/sim-service.js";
import type { SimProcess } from "./world/sim-process.js";

/** What a simulated server tells the simulation. */
export interface ServerHost {
  readonly scenario: Scenario;
  readonly journal: Journal;
  onHandlerStart(record: ServerRecord): void;
}

/** A server of the product in a process of its own. */
export class SimServer {
  readonly process: SimProcess;
  readonly address: string;
  readonly #server: Server;
  readonly #scenario: Scenario;
  /** From the call of close on. */
  closing: Promise<void> | undefined;
  isClosed = false;
  isListening = false;

  constructor(process: SimProcess, address: string, host: ServerHost) {
    this.process = process;
    this.address = address;
    const { scenario, journal } = host;
    this.#scenario = scenario;
    this.#server = createServer({
      platform: process,
      limits: scenario.serverLimits,
      compression: scenario.serverCompression,
      maxConcurrentCalls: scenario.maxConcurrentCalls,
      interceptors: [{ raw: checkedDoor(process.world, "the server") }],
      onError: (error) => this.#onError(error),
      onConnectionError: (error, peer) => this.#onConnectionError(error, peer),
    });
    const onStart = (record: ServerRecord) => {
      this.#checkQuota(journal.runningOn(process), record);
      host.onHandlerStart(record);
    };
    const handlers = createHandlers({ process, journal, plans: scenario.calls, onStart });
    this.#server.add(Sim, handlers);
    this.#server.add(SimAgain, handlers);
  }

  /** For a client in the same process. */
  inProcess(): InProcessInvoker {
    return this.#server.inProcess();
  }

  /** What the server says of its connections. */
  get reports(): readonly ConnectionReport[] {
    return this.#server.connections();
  }

  async listen(): Promise<void> {
    await this.#server.listen(this.address, { credentials: insecureServer() });
    this.isListening = true;
  }

  close(graceMs: number): Promise<void> {
    const closing = this.#server.close({ graceMs }).then(() => {
      this.isClosed = true;
    });
    this.closing ??= closing;
    return closing;
  }

  /** Of the server, and of one connection. */
  #checkQuota(running: ReadonlySet<ServerRecord>, { peer }: ServerRecord): void {
    const { maxConcurrentCalls, serverLimits } = this.#scenario;
    const mine = [...running].filter((record) => record.peer === peer).length;
    const isInProcess = peer.startsWith("inproc:");
    const most = isInProcess
      ? Number.POSITIVE_INFINITY
      : (serverLimits.maxConcurrentStreams ?? defaultTransportLimits.maxConcurrentStreams);
    if (running.size <= maxConcurrentCalls && mine <= most) return;
    const message = `${running.size} handlers run, limit ${maxConcurrentCalls}, ${mine} of one connection, limit ${most}`;
    this.process.world.violate("handler-quota", message);
  }

  /** Handlers throw on purpose; their errors say so. */
  #onError(error: unknown): void {
    if (error instanceof Error && error.message.startsWith("secret of call")) return;
    this.process.world.violate(
      "typed-errors",
      `a handler failed with ${error instanceof Error ? error.stack : String(error)}`,
    );
  }

  /** Every client is one of ours: none of them breaks the protocol. Only a handshake may take too long. */
  #onConnectionError(error: Error, peer: Peer | undefined): void {
    if (error.message.includes("did not come in time")) return;
    this.process.world.violate("good-peers", `the server blames ${peer?.address ?? "nobody"}: ${error.stack}`);
  }
}
