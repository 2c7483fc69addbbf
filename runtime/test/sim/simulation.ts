import type { Channel } from "../../src/channel/channel.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import type { InterceptorLayer } from "../../src/interceptor/compose-interceptors.js";
import { createClient } from "../../src/stub/client.js";
import type { SeededRandom } from "../hpack/random.js";
import { checkedDoor } from "./checked-door.js";
import { checkExcuse } from "./invariants.js";
import type { Link } from "./network/link.js";
import { SimNetwork } from "./network/sim-network.js";
import { ProgressWatch } from "./observer/progress-watch.js";
import { WireWatch } from "./observer/wire-watch.js";
import { type ChannelPlan, drawScenario, linkProfileOf, type Scenario } from "./scenario.js";
import { type ServerHost, SimServer } from "./sim-server.js";
import { runCall } from "./workload/caller.js";
import { type ClientRecord, Journal, type ServerRecord } from "./workload/journal.js";
import { Sim, SimAgain, type SimClient } from "./workload/sim-service.js";
import { SimProcess } from "./world/sim-process.js";
import type { World } from "./world/world.js";

export const port = 50_051;
export const serviceName = "svc.sim";

/** A client of the product: one channel, mostly in a process of its own. */
export interface SimChannel {
  readonly process: SimProcess;
  readonly plan: ChannelPlan;
  /** Undefined for calls within a process. */
  readonly channel: Channel | undefined;
  readonly client: SimClient;
  /** Whose calls may be repeated. */
  readonly again: SimClient;
  closing: Promise<void> | undefined;
  closedAt: number;
  isClosed: boolean;
}

/** One simulated world: the product's clients and servers, the network between them, and all that is written down. */
export class Simulation implements ServerHost {
  readonly world: World;
  readonly scenario: Scenario;
  readonly journal = new Journal();
  readonly network: SimNetwork;
  readonly watch: WireWatch;
  readonly channels: SimChannel[] = [];
  /** Those of now, one an address; those of before are in `formerServers`. */
  readonly servers: SimServer[] = [];
  readonly formerServers: SimServer[] = [];
  readonly processes: SimProcess[] = [];
  readonly dice: SeededRandom;
  #unsettled = 0;

  constructor(world: World) {
    this.world = world;
    this.scenario = drawScenario(world);
    this.dice = world.random(4);
    const { scenario } = this;
    this.network = new SimNetwork(world, {
      linkProfile: (random) => linkProfileOf(scenario, random),
      refusals: scenario.refusals,
      blackHoles: scenario.blackHoles,
      lookupFailures: scenario.lookupFailures,
      lookupMs: scenario.lookupMs,
    });
    this.watch = new WireWatch(this);
    const progress = new ProgressWatch(this);
    world.onRest = () => progress.atRest();
    this.network.onLink = (link) => this.#onLink(link);
  }

  /** Calls that somebody waits for. */
  get unsettledCalls(): number {
    return this.#unsettled;
  }

  async start(): Promise<void> {
    const { scenario } = this;
    for (let i = 0; i < scenario.servers; i++) this.servers.push(this.startServer(i));
    for (const plan of scenario.channels) this.channels.push(this.#createChannel(plan));
    this.network.hosts.set(serviceName, this.addresses);
    for (const plan of scenario.calls) {
      const { process, client, again } = this.channels[plan.channel] as SimChannel;
      this.#unsettled++;
      this.world.queue.schedule(plan.startMs, () => {
        if (process.isDead) this.#unsettled--;
        else
          void runCall(plan, process, plan.repeats === undefined ? client : again, this.journal).then((record) =>
            this.#onSettled(record),
          );
      });
    }
  }

  get addresses(): string[] {
    return this.scenario.channels.length === 0
      ? []
      : Array.from({ length: this.scenario.servers }, (_, i) => hostOf(i));
  }

  startServer(index: number): SimServer {
    const process = this.#createProcess(`server ${index}`);
    const server = new SimServer(process, `${hostOf(index)}:${port}`, this);
    process.onTurn = () => this.#checkAborts(process);
    server.listen().catch((error: unknown) => this.world.note(`${process.name} cannot listen: ${String(error)}`));
    return server;
  }

  /** Calls of a process that died have nobody to be told. */
  forgetCallsOf(process: SimProcess): void {
    for (const record of this.journal.client) {
      if (record?.process === process && record.settledAt === undefined) this.#unsettled--;
    }
  }

  closeChannel(entry: SimChannel, graceMs: number): void {
    if (entry.process.isDead || entry.closing !== undefined || entry.channel === undefined) return;
    this.world.note(`${entry.process.name} closes its channel within ${graceMs} ms`);
    entry.closedAt = this.world.now;
    entry.closing = entry.channel.close({ graceMs }).then(() => {
      entry.isClosed = true;
    });
  }

  // ---- ServerHost

  onHandlerStart(record: ServerRecord): void {
    this.watch.onHandlerStart(record);
  }

  // ----

  #onSettled(record: ClientRecord): void {
    this.#unsettled--;
    checkExcuse(this, record);
  }

  #onLink(link: Link): void {
    this.watch.onLink(link);
    const { brokenLinks } = this.scenario;
    if (this.network.isHealed || !(this.dice.next() < brokenLinks)) return;
    const side = this.dice.pick(["client", "server"] as const);
    const atByte = 1 + this.dice.below(this.dice.pick([100, 1_000, 30_000, 500_000]));
    link.planFault(this.dice.pick(["reset", "truncate", "halfClose"]), side, atByte);
  }

  /** A handler that looks at its signal hears of the end of its call no later than in the turn behind the news. */
  #checkAborts(process: SimProcess): void {
    for (const record of this.journal.runningOn(process)) {
      if (process.turnsRun <= record.abortDueTurn || record.abortedAt !== undefined) continue;
      if (this.watch.isHeld(record)) continue;
      record.abortDueTurn = Number.POSITIVE_INFINITY;
      if (record.plan.handlerHeeds) {
        this.world.violate("handler-abort", `the handler of call ${record.plan.id} was not told that its call is over`);
      }
    }
  }

  #createChannel(plan: ChannelPlan): SimChannel {
    const unclosed = { closing: undefined, closedAt: Number.POSITIVE_INFINITY, isClosed: false };
    if (plan.target === "inProcess") {
      const server = this.servers[0] as SimServer;
      // The promise form of an interceptor leans on the channel's Call around it (docs/decisions/0001).
      const invoker = checkedDoor(this.world, "the client")(server.inProcess());
      const client = createClient(Sim, invoker);
      return { process: server.process, plan, channel: undefined, client, again: client, ...unclosed };
    }
    const process = this.#sharedProcess() ?? this.#createProcess(`client ${this.channels.length}`);
    const { maxConnections, verifyIdleMs, idleTimeoutMs } = this.scenario.connecting;
    const target =
      plan.target === "dns"
        ? `dns:///${serviceName}:${port}`
        : `ipv4:${this.addresses.map((host) => `${host}:${port}`).join()}`;
    const channel = createChannel(target, {
      platform: process,
      credentials: insecure(),
      limits: plan.limits,
      keepalive: { verifyIdleMs },
      idleTimeoutMs,
      serviceConfig: {
        connectionScaling: { maxConnectionsPerSubchannel: maxConnections },
        retryThrottling: this.scenario.throttling,
      },
      // An address is the authority of its channel: only channels that say the same share.
      authority: serviceName,
      interceptors: interceptorsOf(plan, this.world),
    });
    const client = createClient(Sim, channel);
    return { process, plan, channel, client, again: createClient(SimAgain, channel), ...unclosed };
  }

  /** The one of the first channel that has one, where channels share. */
  #sharedProcess(): SimProcess | undefined {
    if (!this.scenario.connecting.isShared) return undefined;
    return this.channels.find(({ channel }) => channel !== undefined)?.process;
  }

  #createProcess(name: string): SimProcess {
    const { world, network, scenario } = this;
    const process = new SimProcess(name, world, network, scenario.habits, world.random(100 + this.processes.length));
    this.processes.push(process);
    return process;
  }
}

export function hostOf(server: number): string {
  return `10.0.0.${server + 1}`;
}

function interceptorsOf({ interceptors }: ChannelPlan, world: World): InterceptorLayer[] {
  if (interceptors === "none") return [];
  const checked: InterceptorLayer = { raw: checkedDoor(world, "the client") };
  return interceptors === "checked" ? [checked] : [(next) => (call) => next(call), checked];
}
