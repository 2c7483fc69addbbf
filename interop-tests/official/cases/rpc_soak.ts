import type { OfficialCase } from "../case.js";
import { soak } from "../soak.js";

/** All on one channel. */
export const rpcSoak: OfficialCase = (context) => {
  const { service } = context;
  return soak(context, () => ({ service, close: async () => {} }));
};
