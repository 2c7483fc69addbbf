import type { Millis } from "../../base/platform.js";
import { StatusCode } from "../../rpc/status-code.js";
import { addressName, type Endpoint } from "../endpoint.js";
import type { ResolverResult } from "../resolver.js";
import type { EndpointDocument, EndpointEntry } from "./endpoint-document.js";

/** Endpoints of a target, whoever wrote them: each may become a connection. As many as there may be files in a folder. */
const maxEndpoints = 10_000;

export interface DocumentResult {
  readonly result: ResolverResult;
  /** Milliseconds until an endpoint of it expires; Infinity when none does. */
  readonly nextExpiryMs: Millis;
}

/**
 * What all documents together say at a time of the wall clock. @param path Whose they are. @param problems What is wrong
 * with newer ones, a sentence for each.
 */
export function documentResult(
  path: string,
  documents: readonly EndpointDocument[],
  problems: readonly string[],
  wallClock: Millis,
): DocumentResult {
  const entries = documents.flatMap(({ endpoints }) => endpoints).filter(({ isDraining }) => !isDraining);
  const living = entries.filter((entry) => expiryOf(entry) > wallClock);
  const notes = problems.slice(0, 1).map((problem) => `${problem}; what it said before holds`);
  // Where none is renewed, it is more likely that nobody can write than that every server is gone; if they are, the
  // connections say so.
  const isStale = living.length === 0 && entries.length > 0;
  if (isStale) notes.push(`every endpoint in ${path} has expired; they hold until one is renewed`);
  const endpoints = distinct(isStale ? entries : living);
  if (endpoints.length > maxEndpoints) {
    notes.push(`${path} has ${endpoints.length} endpoints, of which ${maxEndpoints} are used`);
  }
  const note = notes.join("; ");
  const result = {
    endpoints: { value: endpoints.slice(0, maxEndpoints) },
    ...serviceConfigOf(path, documents),
    ...(note === "" ? {} : { note }),
  };
  const nextExpiry = living.reduce((soonest, entry) => Math.min(soonest, expiryOf(entry)), Number.POSITIVE_INFINITY);
  return { result, nextExpiryMs: nextExpiry - wallClock };
}

function expiryOf({ expiresAt = Number.POSITIVE_INFINITY }: EndpointEntry): Millis {
  return expiresAt;
}

function serviceConfigOf(path: string, documents: readonly EndpointDocument[]): Partial<ResolverResult> {
  const [first, second] = documents.filter(({ serviceConfig }) => serviceConfig !== undefined);
  if (first?.serviceConfig === undefined) return {};
  if (second === undefined) return { serviceConfig: { value: first.serviceConfig } };
  const message = `${path} has a service config in more than one file`;
  return { serviceConfig: { status: { code: StatusCode.UNAVAILABLE, message } } };
}

/**
 * Each set of addresses once: a server that came back under another name is one server. The entry that holds longest says
 * what is known of it.
 */
function distinct(entries: readonly EndpointEntry[]): readonly Endpoint[] {
  const byAddresses = new Map<string, EndpointEntry>();
  for (const entry of entries) {
    const key = entry.endpoint.addresses.map(addressName).sort().join(" ");
    const known = byAddresses.get(key);
    if (known === undefined || expiryOf(entry) > expiryOf(known)) byAddresses.set(key, entry);
  }
  return [...byAddresses.values()].map(({ endpoint }) => endpoint);
}
