import type { Millis } from "../../base/platform.js";
import type { LoadReport } from "../../rpc/load-report.js";
import type { Status } from "../../rpc/status.js";
import { loadReportOf } from "../../wire/load-report.js";
import type { EndpointChild } from "../endpoint-children.js";
import { openLoadReportStream } from "../load-report-stream.js";
import { FixedPicker, ObservedPicker, type PickedSubchannel, type Picker, type PickObserver } from "../picker.js";
import type { StandingCall, StandingCallClock } from "../standing-call.js";
import type { WeightedRoundRobinConfig } from "./config.js";
import { EndpointWeight } from "./endpoint-weight.js";

/** One endpoint, its weight, and where the reports for it come from: its calls, or a stream on its connection. */
export class WeighedEndpoint implements PickObserver {
  readonly weight = new EndpointWeight();
  /** Picks its connection, and has the reports of its calls heard; undefined unless it is READY. */
  picker: Picker | undefined;
  readonly #clock: StandingCallClock;
  #config: WeightedRoundRobinConfig | undefined;
  #subchannel: PickedSubchannel | undefined;
  #stream: StandingCall | undefined;
  /** Of the stream. */
  #intervalMs: Millis | undefined;

  constructor(clock: StandingCallClock) {
    this.#clock = clock;
  }

  /** The endpoint, or the config, may have changed. */
  update(child: EndpointChild, config: WeightedRoundRobinConfig): void {
    this.#config = config;
    const isReady = child.state === "READY";
    const subchannel = isReady ? subchannelOf(child) : undefined;
    const isAnother = subchannel !== this.#subchannel;
    this.#subchannel = subchannel;
    if (isAnother && isReady) this.weight.onReady();
    if (isAnother || config.oobReportingPeriodMs !== this.#intervalMs) this.#listen(subchannel, config);
    if (!isReady) this.picker = undefined;
    else if (config.oobReportingPeriodMs !== undefined) this.picker = child.picker;
    else this.picker = new ObservedPicker(child.picker, this);
  }

  /** A call ended. */
  onEnd(status: Status): void {
    const report = loadReportOf(status.trailers);
    if (report !== undefined) this.#onReport(report);
  }

  close(): void {
    this.#stream?.stop();
    this.#stream = undefined;
  }

  #listen(
    subchannel: PickedSubchannel | undefined,
    { oobReportingPeriodMs: intervalMs }: WeightedRoundRobinConfig,
  ): void {
    this.close();
    this.#intervalMs = intervalMs;
    if (subchannel === undefined || intervalMs === undefined) return;
    const onReport = (report: LoadReport): void => this.#onReport(report);
    this.#stream = openLoadReportStream({ subchannel, clock: this.#clock, intervalMs, onReport });
  }

  #onReport(report: LoadReport): void {
    if (this.#config !== undefined) this.weight.onReport(report, this.#config, this.#clock.now());
  }
}

/** The connection that an endpoint's calls go to. */
function subchannelOf({ picker }: EndpointChild): PickedSubchannel | undefined {
  return picker instanceof FixedPicker && picker.result.kind === "pick" ? picker.result.subchannel : undefined;
}
