import type { Peer } from "../../src/base/platform.js";
import type { PeerIdentity } from "../../src/base/tls.js";
import type { RequestHeaders } from "../../src/rpc/invoker.js";
import { Metadata, type MetadataValue } from "../../src/rpc/metadata.js";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { echoMethod } from "../support/echo-service.js";

/** A call as a test describes it, and as the oracle of another implementation gets it. */
export interface SketchedCall {
  readonly path: string;
  /** Name and value of each header field, in order; values of `-bin` keys in base64. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Identities of the client's certificate; empty for TLS without one. Undefined: no TLS. */
  readonly principals?: readonly string[];
}

/** One descriptor for each path, as in a server. */
const methods = new Map<string, MethodDescriptor>();

export function sketchMethod(path: string): MethodDescriptor {
  const method = methods.get(path) ?? { ...echoMethod("unary"), path };
  methods.set(path, method);
  return method;
}

const fieldsOutsideMetadata = new Set(["content-type", "user-agent", "content-length"]);

export function callOf({ path, headers = [], principals }: SketchedCall): RequestHeaders {
  const entries: MetadataValue[] = [];
  const fields = new Map<string, string>();
  for (const [key, value] of headers) {
    const before = fields.get(key);
    if (fieldsOutsideMetadata.has(key)) fields.set(key, before === undefined ? value : `${before},${value}`);
    else entries.push(key, key.endsWith("-bin") ? new Uint8Array(Buffer.from(value, "base64")) : value);
  }
  return {
    method: sketchMethod(path),
    metadata: Metadata.ofValidated(entries),
    deadline: Number.POSITIVE_INFINITY,
    peer: peerOf(principals),
    fields: { httpField: (name) => fields.get(name) },
  };
}

export function peerOf(principals: readonly string[] | undefined): Peer {
  const address = "ipv4:127.0.0.1:1";
  if (principals === undefined) return { address, security: "none" };
  const session = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" };
  return {
    address,
    security: "tls",
    tls: principals.length === 0 ? session : { ...session, identity: identityOf(principals) },
  };
}

function identityOf(principals: readonly string[]): PeerIdentity {
  return {
    principals,
    uris: [],
    dnsNames: [],
    ipAddresses: [],
    subject: "",
    fingerprint256: "",
    certificate: new Uint8Array(),
    validTo: new Date(0),
  };
}
