/** A policy of one's own: calls go in turn to the servers of one zone, and to those of others only while it has none. */
import { EndpointPolicy, type LoadBalancingPolicyFactory, type PickResult, type RequestHeaders } from "godwit";

interface ZoneFirstConfig {
  readonly zone: string;
}

export const zoneFirst: LoadBalancingPolicyFactory<ZoneFirstConfig> = {
  name: "zone_first",
  parseConfig({ zone }, path) {
    if (typeof zone === "string") return { value: { zone } };
    return { error: `${path}.zone is ${JSON.stringify(zone)}: expected the name of a zone` };
  },
  create(controller) {
    // Connections, health and states are EndpointPolicy's; what is left is whom to pick among those that are READY.
    return new EndpointPolicy<ZoneFirstConfig>(controller, (ready, { zone }) => {
      const near = ready.filter(({ endpoint }) => endpoint.attributes?.zone === zone);
      const used = near.length > 0 ? near : ready;
      let next = Math.floor(controller.random() * used.length);
      const pick = (headers: RequestHeaders): PickResult => {
        const child = used[next % used.length];
        next++;
        return child === undefined ? { kind: "queue" } : child.picker.pick(headers);
      };
      return { pick };
    });
  },
};
