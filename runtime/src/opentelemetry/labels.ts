import type { Attributes } from "@opentelemetry/api";
import { type StatusCode, statusCodeName } from "../index.js";

/** Kept for programs that make channels and methods as they go: beyond it, labels are made anew each time. */
const maxKept = 10_000;

/** What the metrics of one method are labelled with, on a client for one target. */
export class Labels {
  /** Without `grpc.status`. */
  readonly started: Attributes;
  readonly #ended = new Map<StatusCode, Attributes>();

  constructor(started: Attributes) {
    this.started = started;
  }

  ended(code: StatusCode): Attributes {
    let attributes = this.#ended.get(code);
    if (attributes === undefined) {
      attributes = { ...this.started, "grpc.status": statusCodeName(code) };
      this.#ended.set(code, attributes);
    }
    return attributes;
  }
}

/** One object of labels for each method and target, so that a call makes none. */
export class LabelTable {
  readonly #byKey = new Map<string, Labels>();

  of(method: string, target?: string): Labels {
    const key = target === undefined ? method : `${method} ${target}`;
    let labels = this.#byKey.get(key);
    if (labels === undefined) {
      labels = new Labels({ "grpc.method": method, ...(target !== undefined && { "grpc.target": target }) });
      if (this.#byKey.size < maxKept) this.#byKey.set(key, labels);
    }
    return labels;
  }
}
