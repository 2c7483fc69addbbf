import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** As much of TypeScript's syntax tree as a test looks at. */
interface SyntaxNode {
  readonly kind: number;
  readonly end: number;
  getStart(file: SourceFile): number;
}

interface SourceFile {
  readonly statements: readonly SyntaxNode[];
  readonly referencedFiles: readonly unknown[];
  readonly typeReferenceDirectives: readonly unknown[];
  readonly libReferenceDirectives: readonly unknown[];
  readonly parseDiagnostics: readonly { readonly messageText: unknown }[];
}

interface Scanner {
  setText(text: string): void;
  scan(): number;
  getTokenText(): string;
}

interface TypeScript {
  createScanner(target: number, skipTrivia: boolean): Scanner;
  readonly SyntaxKind: Readonly<Record<string, number>> & Readonly<Record<number, string>>;
  createSourceFile(name: string, text: string, target: number): SourceFile;
  transpile(text: string, options: { module: number; target: number; removeComments?: boolean }): string;
}

/** TypeScript 7 has no API in JavaScript; protoplugin brings 5.4. */
const typescript: TypeScript = createRequire(fileURLToPath(import.meta.resolve("@bufbuild/protoplugin")))("typescript");

const latest = 99;
const commonJs = 1;

export interface Statement {
  readonly kind: string;
  /** Without the comments before it. */
  readonly text: string;
}

/** The statements of a file. Throws when it does not parse, and when a comment in it means something to the compiler. */
export function parseStatements(text: string): Statement[] {
  const file = typescript.createSourceFile("stub.ts", text, latest);
  const [diagnostic] = file.parseDiagnostics;
  if (diagnostic !== undefined) throw new Error(`does not parse: ${JSON.stringify(diagnostic.messageText)}\n${text}`);
  const directives = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  if (directives.some((list) => list.length > 0)) throw new Error(`has a reference directive\n${text}`);
  return file.statements.map((statement) => ({
    kind: typescript.SyntaxKind[statement.kind] ?? "",
    text: text.slice(statement.getStart(file), statement.end),
  }));
}

/** The module as a CommonJS script. */
export function toScript(text: string): string {
  return typescript.transpile(text, { module: commonJs, target: latest });
}

/** The words of a script: without comments, spaces and strings. */
export function wordsOf(script: string): string[] {
  const scanner = typescript.createScanner(latest, true);
  scanner.setText(script);
  const words: string[] = [];
  for (let kind = scanner.scan(); kind !== typescript.SyntaxKind["EndOfFileToken"]; kind = scanner.scan()) {
    if (kind !== typescript.SyntaxKind["StringLiteral"]) words.push(scanner.getTokenText());
  }
  return words;
}
