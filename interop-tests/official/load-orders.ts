import type { LoadRecorder } from "godwit";
import type { TestOrcaReport } from "../gen/grpc/testing/messages_pb.js";

/** What clients tell a server to report of its load: one client at a time, or none would see its own. */
export class LoadOrders {
  readonly #recorder: LoadRecorder;
  #last: Promise<void> = Promise.resolve();

  constructor(recorder: LoadRecorder) {
    this.#recorder = recorder;
  }

  /** The turn of one call: it begins with its first order and ends with the call. */
  turn(): LoadTurn {
    let end = (): void => {};
    let begun: Promise<void> | undefined;
    return {
      report: async (order) => {
        if (begun === undefined) {
          begun = this.#last;
          this.#last = new Promise((resolve) => {
            end = resolve;
          });
        }
        await begun;
        this.#recorder.setCpuUtilization(order.cpuUtilization).setMemoryUtilization(order.memoryUtilization);
        for (const [name, value] of Object.entries(order.utilization)) this.#recorder.setUtilization(name, value);
      },
      [Symbol.dispose]: () => end(),
    };
  }
}

export interface LoadTurn extends Disposable {
  report(order: TestOrcaReport): Promise<void>;
}
