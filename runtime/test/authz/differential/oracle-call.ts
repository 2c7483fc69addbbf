import type { SketchedCall } from "../sketch-call.js";

/** A call as the oracle gets it: with the parts of a certificate instead of the identities that are read from it. */
export interface OracleCall {
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly tls?: boolean;
  readonly hasCertificate?: boolean;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly commonName?: string;
}

/** The same call for us: identities in the order of gRFC A41, as a connection over TLS gives them, and fields as they are sent. */
export function sketchOf(call: OracleCall): SketchedCall {
  const { path, tls, hasCertificate, uris = [], dnsNames = [], commonName = "" } = call;
  const sketch = { path, headers: (call.headers ?? []).map(asSent) };
  if (tls !== true) return sketch;
  if (hasCertificate !== true) return { ...sketch, principals: [] };
  const subject = commonName === "" ? "" : `CN=${commonName}`;
  const principals = uris.length > 0 ? uris : dnsNames.length > 0 ? dnsNames : [subject];
  return { ...sketch, principals };
}

/** The oracle is given what grpc-go makes of a field before it looks at policies: of a `-bin` key, the bytes. */
function asSent([key, value]: readonly [string, string]): readonly [string, string] {
  return [key, key.endsWith("-bin") ? Buffer.from(value, "latin1").toString("base64") : value];
}
