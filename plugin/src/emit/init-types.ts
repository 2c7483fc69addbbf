import { shortDoc } from "../comments.js";
import type { StubFile } from "./stub-file.js";

/**
 * Named types of what may be given where a message is wanted. Exported rather than written inline, because an editor
 * that implements an interface drops the `typeof` of an inline one and shows a page of type in place of a name.
 */
export function printInitTypes({ f, names, symbols, target }: StubFile): void {
  for (const [message, name] of names.inits) {
    f.print(shortDoc(`${message.typeName}, or a plain object with some of its fields.`));
    const schema = f.importSchema(message, target === "dts");
    f.print(f.export("type", name), " = ", symbols.messageInitShape, "<typeof ", schema, ">;");
    f.print();
  }
}
