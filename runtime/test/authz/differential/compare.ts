import type { AuditEvent } from "../../../src/authz/audit-logger.js";
import { Authorizer } from "../../../src/authz/authorizer.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { callOf } from "../sketch-call.js";
import { type OracleCall, sketchOf } from "./oracle-call.js";

/** What we make of a policy and calls: the sentence that refuses it, or for each call whether it may run. */
export type OurAnswer = { readonly error: string } | { readonly verdicts: readonly OurVerdict[] };

export interface OurVerdict {
  readonly allowed: boolean;
  readonly rule: string;
  readonly events: number;
}

export function askUs(policy: string, calls: readonly OracleCall[]): OurAnswer {
  const events: AuditEvent[] = [];
  const logger = { log: (event: AuditEvent) => void events.push(event) };
  const auditLoggers = [{ name: "recorder", create: () => ({ value: logger }) }];
  let authorizer: Authorizer;
  try {
    authorizer = new Authorizer({ policy, auditLoggers }, new FakePlatform());
  } catch (error) {
    return { error: (error as Error).message };
  }
  const verdicts = calls.map((call) => {
    events.length = 0;
    const allowed = authorizer.check(callOf(sketchOf(call))) === undefined;
    return { allowed, rule: events[0]?.matchedRule ?? "", events: events.length };
  });
  return { verdicts };
}
