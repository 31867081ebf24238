import { posix } from "node:path";
import ts from "typescript";

interface Import {
  /** A path from the root for a file of ours, the bare name for a package. */
  target: string;
  /** Erased when the file runs. */
  typeOnly: boolean;
}

export interface SourceFile {
  imports: Import[];
  /** `"use client"` or `"use server"`, where the file begins with one. */
  directive: string | null;
  readsEnvironment: boolean;
}

const roomAlias = /^#(app|inngest|lib|supabase|tests)\//;

/** Every import of a file: static, re-exported and dynamic ones. */
export function readImports(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const imports: Import[] = [];
  let readsEnvironment = false;
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      imports.push({ target: resolveTarget(path, specifier.text), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    else if (ts.isPropertyAccessExpression(node) && node.name.text === "env") {
      readsEnvironment ||= ts.isIdentifier(node.expression) && node.expression.text === "process";
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const [first] = source.statements;
  const directive =
    first && ts.isExpressionStatement(first) && ts.isStringLiteral(first.expression) ? first.expression.text : null;
  return { imports, directive, readsEnvironment };
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names) || names.elements.length === 0) return false;
  return names.elements.every((element) => element.isTypeOnly);
}

function resolveTarget(from: string, specifier: string): string {
  if (roomAlias.test(specifier)) return specifier.slice(1);
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  return specifier;
}
