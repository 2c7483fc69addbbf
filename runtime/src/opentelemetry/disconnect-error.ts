/** Why connections end, in the words of gRFC A94: a label must have few values, and our sentences have many. */
const patterns: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/the server is going away \((\w+)\)/, (match) => `GOAWAY ${match[1]}`],
  [/shut down|not needed any more|was drained/, () => "subchannel shutdown"],
  [/ECONNRESET|connection reset/i, () => "connection reset"],
  [/ETIMEDOUT|timed out|no answer|silent/i, () => "connection timed out"],
  [/ECONNABORTED|aborted/i, () => "connection aborted"],
  [/\bE[A-Z]{3,}\b|closed the connection/, () => "socket error"],
];

export function disconnectError(reason: string | undefined): string {
  for (const [pattern, say] of patterns) {
    const match = pattern.exec(reason ?? "");
    if (match !== null) return say(match);
  }
  return "unknown";
}
