/** Makes a failing input shorter and plainer while it still fails. `fails` is asked at most `attempts` times. */
export function minimise(input: Uint8Array, fails: (candidate: Uint8Array) => boolean, attempts = 4000): Uint8Array {
  let best = input;
  let left = attempts;
  const tryOne = (candidate: Uint8Array): boolean => {
    if (left <= 0) return false;
    left -= 1;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = -1; before !== sizeOf(best) && left > 0; ) {
    before = sizeOf(best);
    for (let span = best.length >>> 1; span >= 1; span >>>= 1) {
      for (let at = best.length - span; at >= 0; at -= span) {
        if (at + span <= best.length) tryOne(without(best, at, at + span));
      }
    }
    for (let at = 0; at < best.length; at++) {
      const octet = best[at] as number;
      if (octet === 0) continue;
      if (!tryOne(withOctet(best, at, 0)) && octet > 1) tryOne(withOctet(best, at, octet >>> 1));
    }
  }
  return best;
}

/** Shorter is simpler, then lower octets are. */
function sizeOf(input: Uint8Array): number {
  let sum = input.length * 256 * 1024;
  for (const octet of input) sum += octet;
  return sum;
}

function without(input: Uint8Array, start: number, end: number): Uint8Array {
  const shorter = new Uint8Array(input.length - (end - start));
  shorter.set(input.subarray(0, start));
  shorter.set(input.subarray(end), start);
  return shorter;
}

function withOctet(input: Uint8Array, at: number, octet: number): Uint8Array {
  const changed = input.slice();
  changed[at] = octet;
  return changed;
}
