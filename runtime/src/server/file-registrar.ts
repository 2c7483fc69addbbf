import type { Platform } from "../base/platform.js";
import { nodePlatform } from "../net/node-platform.js";
import { FileRegistrar, type FileRegistrarOptions } from "../resolver/file/file-registrar.js";
import type { Registrar } from "../resolver/registrar.js";

/**
 * A registrar that writes files, for servers and clients that share a file system; see FileRegistrarOptions.
 * Throws TypeError when an option is not valid.
 */
export function fileRegistrar(options: FileRegistrarOptions & { readonly platform?: Platform }): Registrar {
  return new FileRegistrar(options.platform ?? nodePlatform(), options);
}
