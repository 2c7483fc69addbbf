/** Which methods are logged, and how much of each: the language of GRPC_BINARY_LOG_FILTER (gRFC A16). */

/** How much of one call is written down; 0 is nothing. */
export interface LogExtent {
  /** Bytes of keys and values of each metadata. */
  readonly headerBytes: number;
  /** Bytes of each message. */
  readonly messageBytes: number;
}

/** Undefined: the method is not logged. */
export type LogFilter = (path: string) => LogExtent | undefined;

const everything: LogExtent = { headerBytes: Number.POSITIVE_INFINITY, messageBytes: Number.POSITIVE_INFINITY };

/** A name of a service or method: what may be in them is the .proto's affair, what separates patterns is not among it. */
const patternText =
  /^(?<not>-)?(?:(?<all>\*)|(?<service>[^/*,{}\s]+)\/(?:(?<every>\*)|(?<method>[^/*,{}\s]+)))(?:\{(?<extent>[^{}]*)\})?$/;
const headerText = /^h(?::(\d{0,15}))?$/;
const messageText = /^m(?::(\d{0,15}))?$/;

/** Throws TypeError with one sentence for a pattern that is malformed, or that is there twice. */
export function parseLogFilter(text: string): LogFilter {
  const patterns = new Map<string, LogExtent | undefined>();
  for (const pattern of text === "" ? [] : text.split(",")) {
    const { key, extent } = parsePattern(pattern.trim());
    if (patterns.has(key)) throw malformed(pattern, "there is another pattern for the same methods");
    patterns.set(key, extent);
  }
  return (path) => {
    const name = path.slice(1);
    const service = name.slice(0, name.lastIndexOf("/"));
    for (const key of [name, `${service}/*`, "*"]) if (patterns.has(key)) return patterns.get(key);
    return undefined;
  };
}

function parsePattern(pattern: string): { readonly key: string; readonly extent: LogExtent | undefined } {
  const groups = patternText.exec(pattern)?.groups;
  if (groups === undefined)
    throw malformed(pattern, 'expected "*", "service/*", "service/method" or "-service/method"');
  const { not, all, service, every, method, extent } = groups;
  const key = all ?? `${service}/${every ?? method}`;
  if (not === undefined) return { key, extent: extent === undefined ? everything : parseExtent(pattern, extent) };
  if (method === undefined) throw malformed(pattern, "only a whole method may be left out");
  if (extent !== undefined) throw malformed(pattern, "what is left out has no extent");
  return { key, extent: undefined };
}

/** `h`, `m`, `h;m`, each with or without a length; what is not named is not logged. */
function parseExtent(pattern: string, text: string): LogExtent {
  const [first = "", second, ...more] = text.split(";");
  const header = headerText.exec(first);
  const message = messageText.exec(header === null ? first : (second ?? ""));
  const isWhole = more.length === 0 && (second === undefined || (header !== null && message !== null));
  if ((header === null && message === null) || !isWhole) {
    throw malformed(pattern, 'expected "{h}", "{m}" or "{h;m}", each with ":length" if wanted');
  }
  return { headerBytes: lengthOf(header), messageBytes: lengthOf(message) };
}

function lengthOf(match: RegExpExecArray | null): number {
  if (match === null) return 0;
  return match[1] === undefined || match[1] === "" ? Number.POSITIVE_INFINITY : Number(match[1]);
}

function malformed(pattern: string, expected: string): TypeError {
  return new TypeError(`binary log filter has the pattern ${JSON.stringify(pattern)}: ${expected} (gRFC A16)`);
}
