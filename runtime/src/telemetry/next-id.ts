let last = 0;

/** An id that nothing else of this process has: of channels, subchannels, servers, listeners and connections. From 1. */
export function nextId(): number {
  last += 1;
  return last;
}
