/** The content-type of gRPC: `application/grpc`, `application/grpc+proto`, `application/grpc+json` (PROTOCOL-HTTP2, Content-Type). */

const base = "application/grpc";

/** What the bare `application/grpc` stands for. */
export const defaultSubtype = "proto";

/**
 * The subtype in lower case (`proto` when none is said), or undefined when this is not gRPC. Parameters are ignored.
 * `application/grpc-web` is not gRPC.
 */
export function parseContentType(value: string | undefined): string | undefined {
  if (value === base) return defaultSubtype;
  if (value === undefined || value.length < base.length) return undefined;
  const type = withoutParameters(value).toLowerCase();
  if (type === base) return defaultSubtype;
  if (!type.startsWith(`${base}+`)) return undefined;
  return type.slice(base.length + 1) || defaultSubtype;
}

/** The value to send for a subtype. `proto` goes as the bare form, which every implementation knows. */
export function contentTypeOf(subtype: string): string {
  return subtype === defaultSubtype ? base : `${base}+${subtype}`;
}

function withoutParameters(value: string): string {
  const semicolon = value.indexOf(";");
  return semicolon < 0 ? value : value.slice(0, semicolon).trimEnd();
}
