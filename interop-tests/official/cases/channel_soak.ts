import { createClient } from "godwit";
import { TestService } from "../../gen/grpc/testing/test_godwit.js";
import type { OfficialCase } from "../case.js";
import { soak } from "../soak.js";

/** Each on a channel of its own. */
export const channelSoak: OfficialCase = (context) =>
  soak(context, () => {
    const channel = context.openChannel();
    return { service: createClient(TestService, channel), close: () => channel.close() };
  });
