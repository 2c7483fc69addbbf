import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { RequestHeaders } from "../../rpc/invoker.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { Picker, PickResult } from "../picker.js";
import { type Hash64, xxHash64 } from "../xx-hash64.js";
import type { Ring } from "./ring.js";

/** One endpoint as a picker sees it. */
export interface RingEndpoint {
  readonly state: ConnectivityState;
  readonly picker: Picker;
  /** Wants a connection: the policy makes it, once this pick is over. */
  connect(): void;
}

export interface RingHashPickerOptions {
  readonly ring: Ring;
  /** By the index that they have on the ring. */
  readonly endpoints: readonly RingEndpoint[];
  readonly requestHashHeader: string | undefined;
  /** A number in [0, 1). */
  readonly random: () => number;
}

const queued: PickResult = Object.freeze({ kind: "queue" });

/** Sends a call to the endpoint that its header's value belongs to, or to the next one that may work (gRFC A61, A76). */
export class RingHashPicker implements Picker {
  readonly #options: RingHashPickerOptions;
  readonly #isConnecting: boolean;

  constructor(options: RingHashPickerOptions) {
    this.#options = options;
    this.#isConnecting = options.endpoints.some((endpoint) => endpoint.state === "CONNECTING");
  }

  pick(headers: RequestHeaders): PickResult {
    const { ring, requestHashHeader } = this.#options;
    const key = requestHashHeader === undefined ? "" : headerText(headers.metadata, requestHashHeader);
    return key === ""
      ? this.#pickAny(headers, ring.find(this.#randomHash()))
      : this.#pickOwn(headers, ring.find(xxHash64(Buffer.from(key))));
  }

  /** The first from its place on that has not failed, whatever its state: the same value must stay with one endpoint. */
  #pickOwn(headers: RequestHeaders, first: number): PickResult {
    const { ring } = this.#options;
    for (let place = first; place < first + ring.size; place++) {
      const endpoint = this.#endpointAt(place);
      if (endpoint.state === "TRANSIENT_FAILURE") continue;
      if (endpoint.state === "READY") return endpoint.picker.pick(headers);
      if (endpoint.state === "IDLE") endpoint.connect();
      return queued;
    }
    return this.#endpointAt(first).picker.pick(headers);
  }

  /** The first that is connected; one connection at most is made on the way, unless one is being made already. */
  #pickAny(headers: RequestHeaders, first: number): PickResult {
    const { ring } = this.#options;
    let isWaiting = this.#isConnecting;
    for (let place = first; place < first + ring.size; place++) {
      const endpoint = this.#endpointAt(place);
      if (endpoint.state === "READY") return endpoint.picker.pick(headers);
      if (isWaiting || endpoint.state !== "IDLE") continue;
      isWaiting = true;
      endpoint.connect();
    }
    return isWaiting ? queued : this.#endpointAt(first).picker.pick(headers);
  }

  #endpointAt(place: number): RingEndpoint {
    const { ring, endpoints } = this.#options;
    return endpoints[ring.memberAt(place)] as RingEndpoint;
  }

  #randomHash(): Hash64 {
    const { random } = this.#options;
    return { high: (random() * 2 ** 32) >>> 0, low: (random() * 2 ** 32) >>> 0 };
  }
}

/** Several values are one, joined with commas; empty where there is none. */
function headerText(metadata: Metadata, name: string): string {
  const values = metadata.getAll(name);
  return values.length === 1 ? String(values[0]) : values.join(",");
}
