import type { Peer } from "../../src/base/platform.js";
import type { ResponseSink } from "../../src/rpc/invoker.js";
import type { Metadata } from "../../src/rpc/metadata.js";
import type { Status } from "../../src/rpc/status.js";
import { statusCodeName } from "../../src/rpc/status-code.js";

/** Writes down the answer of a call, and holds the grammar of the door: `[onHeaders onMessage*] onStatus`. */
export class RecordingResponse implements ResponseSink {
  /** `headers`, `message <value>`, `status <code>`, `writable`. */
  readonly events: string[] = [];
  readonly messages: unknown[] = [];
  headers: Metadata | undefined;
  peer: Peer | undefined;
  status: Status | undefined;
  onEvent: ((event: string) => void) | undefined;

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#check(this.headers === undefined, "headers came twice");
    this.headers = metadata;
    this.peer = peer;
    this.#note("headers");
  }

  onMessage(message: unknown): void {
    this.#check(this.headers !== undefined, "a message came before headers");
    this.messages.push(message);
    this.#note(`message ${(message as { value?: string }).value}`);
  }

  onStatus(status: Status): void {
    this.#check(true, "");
    this.status = status;
    this.#note(`status ${statusCodeName(status.code)}`);
  }

  onWritable(): void {
    this.#check(true, "");
    this.#note("writable");
  }

  #check(condition: boolean, complaint: string): void {
    if (this.status !== undefined) throw new Error("something came behind the status");
    if (!condition) throw new Error(complaint);
  }

  #note(event: string): void {
    this.events.push(event);
    this.onEvent?.(event);
  }
}
