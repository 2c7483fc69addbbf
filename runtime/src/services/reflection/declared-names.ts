import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";

/** What one file declares, by full names without a leading dot. */
export interface DeclaredNames {
  /** Everything that has a name: messages, fields, oneofs, enums and their values, extensions, services and methods. */
  readonly symbols: string[];
  readonly messages: string[];
  readonly extensions: { readonly extendee: string; readonly number: number }[];
}

/** Reads the names from the file's descriptor, so that what only the descriptor has (map entries) is among them. */
export function declaredNames(file: FileDescriptorProto): DeclaredNames {
  const names: DeclaredNames = { symbols: [], messages: [], extensions: [] };
  const scope = file.package;
  for (const message of file.messageType) addMessage(names, scope, message);
  for (const each of file.enumType) addEnum(names, scope, each);
  for (const extension of file.extension) addExtension(names, scope, extension);
  for (const service of file.service) {
    const name = join(scope, service.name);
    names.symbols.push(name);
    for (const method of service.method) names.symbols.push(join(name, method.name));
  }
  return names;
}

function addMessage(names: DeclaredNames, scope: string, message: DescriptorProto): void {
  const name = join(scope, message.name);
  names.symbols.push(name);
  names.messages.push(name);
  for (const field of message.field) names.symbols.push(join(name, field.name));
  for (const oneof of message.oneofDecl) names.symbols.push(join(name, oneof.name));
  for (const nested of message.nestedType) addMessage(names, name, nested);
  for (const nested of message.enumType) addEnum(names, name, nested);
  for (const nested of message.extension) addExtension(names, name, nested);
}

/** A value's name stands beside its enum's, not below it. */
function addEnum(names: DeclaredNames, scope: string, desc: EnumDescriptorProto): void {
  names.symbols.push(join(scope, desc.name));
  for (const value of desc.value) names.symbols.push(join(scope, value.name));
}

function addExtension(names: DeclaredNames, scope: string, { name, extendee, number }: FieldDescriptorProto): void {
  names.symbols.push(join(scope, name));
  names.extensions.push({ extendee: extendee.replace(/^\./, ""), number });
}

function join(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
