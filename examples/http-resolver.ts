/** A resolver of one's own: `registry://host:port/service` asks `http://host:port/service` for a JSON list of addresses. */
import { type Endpoint, type ResolverFactory, type ResolverResult, StatusCode, type Timer } from "godwit";

export const httpResolver: ResolverFactory = {
  scheme: "registry",
  defaultAuthority: ({ path }) => path.slice(1),
  create({ authority, path }, { platform }) {
    if (authority === "") return { error: 'it names no registry: expected "registry://host:port/service"' };
    const closing = new AbortController();
    let tell: (result: ResolverResult) => void;
    let timer: Timer | undefined;
    let isAsking = false;

    /** Asks now and then every 10 s, one question at a time. The timer keeps no process alive. */
    async function ask(): Promise<void> {
      if (isAsking) return;
      isAsking = true;
      timer?.cancel();
      const endpoints = await endpointsFrom(`http://${authority}${path}`, closing.signal);
      isAsking = false;
      if (closing.signal.aborted) return;
      timer = platform.setTimer(platform.now() + 10_000, () => void ask(), false);
      tell({ endpoints });
    }
    const value = {
      start(listener: { onResult(result: ResolverResult): boolean }): void {
        tell = (result) => listener.onResult(result);
        void ask();
      },
      resolveNow: () => void ask(),
      async close() {
        closing.abort();
        timer?.cancel();
      },
    };
    return { value };
  },
};

async function endpointsFrom(url: string, signal: AbortSignal): Promise<ResolverResult["endpoints"]> {
  try {
    const list = (await (await fetch(url, { signal })).json()) as { host: string; port: number }[];
    return { value: list.map((server): Endpoint => ({ addresses: [{ transport: "tcp", ...server }] })) };
  } catch (cause) {
    const message = `the registry at ${url} does not answer: ${(cause as Error).message}`;
    return { status: { code: StatusCode.UNAVAILABLE, message, cause } };
  }
}
