import type { Parsed } from "../../base/parsed.js";
import { cut, isObject, show } from "../../service-config/json.js";
import type { ServiceConfigInit } from "../../service-config/service-config-init.js";

/** What a choice may ask of a client (gRFC A2). */
export interface ClientTraits {
  /** In lower case. */
  readonly languages: readonly string[];
  readonly hostName: string;
  /** From 0 to 99: below the percentage of a choice, the choice is for this client. */
  readonly percentile: number;
}

/** RFC 1464. */
const prefix = "grpc_config=";

const fields: ReadonlySet<string> = new Set([
  "clientLanguage",
  "percentage",
  // As gRFC A2 has it, and as grpc-go writes it.
  ...["clientHostname", "clientHostName"],
  "serviceConfig",
]);

/**
 * The first service config in the TXT records that is meant for this client (gRFC A2); undefined where there is none. One
 * malformed choice makes all of them worthless, whomever it is for. The config itself is for the channel to judge.
 */
export function chooseServiceConfig(
  texts: readonly string[],
  traits: ClientTraits,
): Parsed<ServiceConfigInit | undefined> {
  const text = texts.find((candidate) => candidate.startsWith(prefix))?.slice(prefix.length);
  if (text === undefined) return { value: undefined };
  const choices = parseJson(text);
  if ("error" in choices) return choices;
  if (!Array.isArray(choices.value)) return { error: `grpc_config is ${show(choices.value)}: expected a list` };
  let chosen: ServiceConfigInit | undefined;
  for (const [index, json] of choices.value.entries()) {
    const choice = parseChoice(json, `grpc_config[${index}]`);
    if ("error" in choice) return choice;
    if (chosen === undefined && isFor(choice.value, traits)) chosen = choice.value.serviceConfig;
  }
  return { value: chosen };
}

interface Choice {
  /** Undefined: all; so are the other two. */
  readonly clientLanguage: readonly string[] | undefined;
  readonly percentage: number | undefined;
  readonly clientHostName: readonly string[] | undefined;
  readonly serviceConfig: ServiceConfigInit;
}

function isFor(choice: Choice, traits: ClientTraits): boolean {
  const { clientLanguage, percentage, clientHostName } = choice;
  if (clientLanguage?.some((language) => traits.languages.includes(language.toLowerCase())) === false) return false;
  if (percentage !== undefined && traits.percentile >= percentage) return false;
  return clientHostName?.includes(traits.hostName) !== false;
}

function parseChoice(json: unknown, path: string): Parsed<Choice> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  const unknown = Object.keys(json).find((key) => !fields.has(key));
  if (unknown !== undefined) return { error: `${path}.${cut(unknown)} is not known` };
  const { percentage, serviceConfig } = json;
  if (percentage !== undefined && !(Number.isInteger(percentage) && isPercentage(percentage as number))) {
    return { error: `${path}.percentage is ${show(percentage)}: expected a whole number from 0 to 100` };
  }
  if (!isObject(serviceConfig)) {
    return { error: `${path}.serviceConfig is ${show(serviceConfig)}: expected an object` };
  }
  const clientLanguage = parseNames(json["clientLanguage"], `${path}.clientLanguage`);
  if ("error" in clientLanguage) return clientLanguage;
  const clientHostName = parseNames(json["clientHostname"] ?? json["clientHostName"], `${path}.clientHostname`);
  if ("error" in clientHostName) return clientHostName;
  return {
    value: {
      clientLanguage: clientLanguage.value,
      percentage: percentage as number | undefined,
      clientHostName: clientHostName.value,
      serviceConfig,
    },
  };
}

/** An empty list means all, as a missing one does. */
function parseNames(json: unknown, path: string): Parsed<readonly string[] | undefined> {
  if (json === undefined) return { value: undefined };
  if (!Array.isArray(json) || !json.every((name) => typeof name === "string")) {
    return { error: `${path} is ${show(json)}: expected a list of strings` };
  }
  return { value: json.length === 0 ? undefined : json };
}

function isPercentage(value: number): boolean {
  return value >= 0 && value <= 100;
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { error: `grpc_config is ${show(text)}: expected JSON` };
  }
}
