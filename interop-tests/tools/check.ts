import type { HealthService } from "godwit/health";
import type { Tools } from "./install.js";
import type { Door } from "./subject.js";

/** What a check is given. */
export interface CheckContext {
  readonly tools: Tools;
  readonly door: Door;
  readonly health: HealthService;
}

/** One thing that people do with a tool. Throws when it does not do what it should; resolves with what it did, in a clause. */
export interface Check {
  readonly name: string;
  run(context: CheckContext): Promise<string>;
}
