/** What a .proto says about calls of its methods (godwit/options.proto), checked. */
import { type DescField, type DescMessage, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type HedgingPolicy,
  HedgingPolicySchema,
  type MethodDefaults as MethodDefaultsMessage,
  MethodDefaultsSchema,
  method as methodOption,
  type RetryPolicy,
  RetryPolicySchema,
  StatusCode,
} from "./gen/godwit/options_pb.js";
import { GenerationError } from "./generation-error.js";
import { idempotencyName } from "./idempotency.js";

/** As the runtime's MethodDefinition has them; what the .proto leaves out is absent. */
export interface MethodDefaults {
  readonly timeoutMs?: number;
  readonly retry?: false | Policy;
  readonly hedging?: Policy;
}

/** Values by the name of their field in the runtime's RetryOptions and HedgingOptions. */
export type Policy = Readonly<Record<string, number | boolean | readonly number[]>>;

/** Throws a GenerationError with file, method and field when something is wrong. */
export function methodDefaults(method: DescMethod): MethodDefaults {
  if (!hasOption(method, methodOption)) return {};
  const check = new Check(method);
  const { timeoutMs, attempts } = readOption(method, check);
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  check.positive(MethodDefaultsSchema.field.timeoutMs, timeoutMs);
  switch (attempts.case) {
    case "retry":
      return { ...timeout, retry: retryPolicy(attempts.value, check.inside("retry")) };
    case "hedging":
      return { ...timeout, hedging: hedgingPolicy(attempts.value, check.inside("hedging"), method) };
    case "atMostOnce":
      if (!attempts.value) check.fail("at_most_once", "is false: expected true, or nothing");
      return { ...timeout, retry: false };
    default:
      return timeout;
  }
}

/** Another .proto may have given the option's number to something else. */
function readOption(method: DescMethod, check: Check): MethodDefaultsMessage {
  try {
    return getOption(method, methodOption);
  } catch {
    check.fail(
      "",
      `cannot be read: expected field ${methodOption.number} of google.protobuf.MethodOptions to be that of godwit/options.proto`,
    );
  }
}

function retryPolicy(policy: RetryPolicy, check: Check): Policy {
  const { field } = RetryPolicySchema;
  check.attempts(policy.maxAttempts);
  check.positive(field.initialBackoffMs, policy.initialBackoffMs);
  check.positive(field.maxBackoffMs, policy.maxBackoffMs);
  check.positive(field.backoffMultiplier, policy.backoffMultiplier);
  check.codes(field.retryableStatusCodes, policy.retryableStatusCodes);
  return written(RetryPolicySchema, policy);
}

function hedgingPolicy(policy: HedgingPolicy, check: Check, method: DescMethod): Policy {
  const { delay, maxExtraLoad } = policy;
  check.attempts(policy.maxAttempts);
  if (delay.case === "delayMs" && !(delay.value >= 0 && delay.value < Number.POSITIVE_INFINITY)) {
    check.fail("delay_ms", `is ${delay.value}: expected a number of 0 or more`);
  }
  if (delay.case === "delayPercentile" && !(delay.value > 0 && delay.value < 1)) {
    check.fail("delay_percentile", `is ${delay.value}: expected a number above 0 and below 1`);
  }
  if (maxExtraLoad !== undefined && !(maxExtraLoad > 0)) {
    check.fail("max_extra_load", `is ${maxExtraLoad}: expected a number above 0`);
  }
  check.codes(HedgingPolicySchema.field.nonFatalStatusCodes, policy.nonFatalStatusCodes);
  if (method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming") {
    check.fail("", "cannot be: its requests are streams, which would be sent several times");
  }
  if (!policy.unsafe && idempotencyName(method) !== "NO_SIDE_EFFECTS") {
    check.fail("", "cannot be: expected idempotency_level NO_SIDE_EFFECTS, or unsafe: true");
  }
  const { case: name, value } = delay;
  return { ...written(HedgingPolicySchema, policy), ...(name === undefined ? {} : { [name]: value }) };
}

/** The fields of a policy that the .proto has, those of a oneof apart. */
function written(schema: DescMessage, policy: object): Policy {
  const values: Record<string, number | boolean | readonly number[]> = {};
  for (const { localName, oneof } of schema.fields) {
    if (oneof !== undefined && !oneof.name.startsWith("_")) continue;
    const value: unknown = (policy as Record<string, unknown>)[localName];
    if (typeof value === "number" || value === true) values[localName] = value;
    else if (Array.isArray(value) && value.length > 0) values[localName] = value as number[];
  }
  return values;
}

/** Says what is wrong, and where. */
class Check {
  readonly #method: DescMethod;
  readonly #path: readonly string[];

  constructor(method: DescMethod, path: readonly string[] = []) {
    this.#method = method;
    this.#path = path;
  }

  inside(name: string): Check {
    return new Check(this.#method, [...this.#path, name]);
  }

  attempts(value: number | undefined): void {
    if (value === undefined || value >= 2) return;
    this.fail("max_attempts", `is ${value}: expected a whole number of 2 or more, the first attempt among them`);
  }

  positive(field: DescField, value: number | undefined): void {
    if (value === undefined || (value > 0 && value < Number.POSITIVE_INFINITY)) return;
    this.fail(field.name, `is ${value}: expected a number above 0`);
  }

  codes(field: DescField, codes: readonly StatusCode[]): void {
    const wrong = codes.find((code) => code === StatusCode.OK || StatusCode[code] === undefined);
    if (wrong === undefined) return;
    this.fail(field.name, `has ${StatusCode[wrong] ?? wrong}: expected codes of calls that failed`);
  }

  /** @param name Of the field; "" for the message itself. */
  fail(name: string, problem: string): never {
    const { parent, name: method } = this.#method;
    const path = ["(godwit.method)", ...this.#path, name].filter((part) => part !== "").join(".");
    throw new GenerationError(
      `${parent.file.proto.name}: option ${path} of method ${parent.typeName}.${method} ${problem}`,
    );
  }
}
