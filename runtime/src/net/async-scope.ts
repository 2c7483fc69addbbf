import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncScope } from "../base/platform.js";

export function createAsyncScope<T>(): AsyncScope<T> {
  const storage = new AsyncLocalStorage<T | undefined>();
  return { run: (value, fn) => storage.run(value, fn), current: () => storage.getStore() };
}
