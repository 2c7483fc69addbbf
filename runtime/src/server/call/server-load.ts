import type { LoadRecorder } from "../../rpc/load-recorder.js";
import type { LoadReport } from "../../rpc/load-report.js";
import { encodeLoadReport } from "../../wire/load-report.js";

/** What a server says of its load with every call: encoded when it changes, not for each of them. */
export class ServerLoad {
  readonly #recorder: LoadRecorder;
  #report: LoadReport | undefined;
  #encoded: Uint8Array | undefined;

  constructor(recorder: LoadRecorder) {
    this.#recorder = recorder;
  }

  report(): LoadReport {
    return this.#recorder.report();
  }

  /** Undefined when there is nothing to report. */
  encoded(): Uint8Array | undefined {
    const report = this.#recorder.report();
    if (report !== this.#report) {
      this.#report = report;
      this.#encoded = encodeLoadReport(report);
    }
    return this.#encoded;
  }
}
