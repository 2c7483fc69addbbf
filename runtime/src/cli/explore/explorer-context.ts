import type { Channel } from "../../channel/channel.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { RemoteSchema } from "../../services/reflection.js";
import type { RemoteJson } from "../call/remote-json.js";
import type { World } from "../world.js";

/** What all pages share: one server, and how it is called. */
export interface ExplorerContext {
  readonly target: string;
  readonly channel: Channel;
  readonly schema: RemoteSchema;
  readonly json: RemoteJson;
  readonly world: World;
  /** With each call. */
  readonly headers: Metadata;
  /** What the page offers as a deadline. */
  readonly timeoutMs: number | undefined;
}
