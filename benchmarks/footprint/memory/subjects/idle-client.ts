/** What the clients of all libraries do for this benchmark. */

export interface IdleConnection {
  /** One unary call; connects if need be. Rejects unless the answer is right. */
  call(): Promise<void>;
  openStream(): Promise<IdleStream>;
  close(): Promise<void>;
}

export interface IdleStream {
  /** A message there and back. */
  exchange(): Promise<void>;
}

/** Every connection that it makes is one of its own. */
export type Connect = () => IdleConnection;
