import type { IdempotencyLevel, MethodDescriptor, MethodKind } from "../../src/rpc/method-descriptor.js";

/** A method of which a policy knows enough. */
export function methodOf(
  idempotency: IdempotencyLevel,
  kind: MethodKind = "unary",
  more: Partial<MethodDescriptor> = {},
): MethodDescriptor {
  const path = "/shop.v1.Shop/Get";
  return {
    path,
    service: "shop.v1.Shop",
    name: "Get",
    localName: "get",
    kind,
    idempotency,
    ...more,
  } as MethodDescriptor;
}
