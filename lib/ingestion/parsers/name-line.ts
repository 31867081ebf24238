import type { SourceLanguage } from "#lib/ingestion/source-languages.ts";

interface Declared {
  name: string;
  /** Whether what is in it are declarations too, as in a class. */
  isContainer: boolean;
}

/** A way to declare: the name is the group `name`. */
interface Pattern {
  pattern: RegExp;
  /** Where it does so; everywhere when left out. */
  languages?: SourceLanguage[];
  /** Only inside another declaration, or only outside. */
  inside?: boolean;
  /** Whether it declares what holds declarations; when left out, its keyword tells. */
  isContainer?: boolean;
}

const plain: SourceLanguage[] = ["settings", "style", "markup", "sql"];
const modifiers =
  "(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|async|override|virtual|sealed|partial|open|data|suspend|inline|unsafe|extern|const|local|case|companion|readonly|mutating|infix|operator|typedef|pub(?:\\([^)]*\\))?)\\s+)*";
const containers =
  "class|interface|struct|trait|namespace|module|object|extension|protocol|contract|mod|union|record|defmodule|implementation|service";
const others = "function|fn|func|fun|def|defp|defmacro|sub|enum(?:\\s+class)?|type|message|library|macro_rules!";
const name = "(?<name>[\\p{L}_$][\\p{L}\\p{N}_$.:\\\\]*[?!]?)";
const notCalled =
  "(?!(?:if|for|foreach|while|until|unless|switch|match|when|return|else|do|try|catch|with|using|lock|await|throw|new|delete|case|import|from|assert|yield|super|this)\\b)";
const signature = `^${notCalled}(?:[\\p{L}\\p{N}_$<>\\[\\],.*&:?~@]+\\s+)*?[*&~#]*${name}\\s*(?:<[^<>]*>\\s*)?\\((?!.*;$)`;

const patterns: Pattern[] = [
  { pattern: /^impl\b(?:<[^{]*?>)?\s*(?<name>[^{]+)/, languages: ["rust"], isContainer: true },
  {
    pattern: new RegExp(
      `^@?${modifiers}(?:(?<container>${containers})|${others})\\b\\*?\\s*(?:\\([^)]*\\)\\s*)?(?:<[^<>]*>\\s*)?${name}`,
      "iu",
    ),
  },
  {
    pattern: new RegExp(`^${modifiers}(?:const|let|var|val|my|our)\\s+(?:mut\\s+)?${name}\\s*[:=]`, "u"),
    inside: false,
  },
  {
    pattern: new RegExp(signature, "u"),
    languages: ["c", "java", "csharp", "dart", "shell", "solidity"],
    inside: false,
  },
  {
    pattern: new RegExp(signature, "u"),
    languages: ["typescript", "c", "java", "csharp", "dart", "php", "swift", "kotlin", "solidity"],
    inside: true,
  },
  { pattern: new RegExp(`^${name}\\s*(?:=(?![=>])|<-|::\\s)`, "u"), inside: false },
  { pattern: /^\((?:def\w*|ns)\s+(?<name>[^\s()]+)/, languages: ["clojure"] },
  {
    pattern:
      /^create\s+(?:or\s+replace\s+)?(?:(?:unique|temp|temporary|materialized|unlogged|recursive|constraint)\s+)*(?:table|view|function|procedure|trigger|index|type|schema|policy|extension|domain|sequence|role|database)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?<name>(?:"[^"]+"|[^\s("])+)/i,
    languages: ["sql"],
  },
  { pattern: /^(?<name>[^{};]+?)\s*\{/, languages: ["style"], isContainer: true },
  { pattern: /^\[+\s*(?<name>[^\]]+?)\s*\]+\s*$/, languages: ["settings"], isContainer: true },
  { pattern: /^(?<name>\w+(?:\s+"[^"]*")+)\s*\{/, languages: ["settings"], isContainer: true },
  {
    pattern: /^["']?(?<name>[\w./@-][\w./@ -]*?)["']?\s*:\s*(?:[|>&{[].*)?$/,
    languages: ["settings"],
    isContainer: true,
  },
];

/** What a line declares, when it does: functions, classes, tables, sections. Told by its first words, whatever the rest. */
export function nameLine(head: string, language: SourceLanguage | undefined, inside: boolean): Declared | undefined {
  for (const { pattern, languages, inside: where, isContainer } of patterns) {
    if (where !== undefined && where !== inside) continue;
    if (languages ? !language || !languages.includes(language) : language && plain.includes(language)) continue;
    const groups = pattern.exec(head)?.groups;
    const found = groups?.name?.trim().replace(/[.:]+$/, "");
    if (found) return { name: found, isContainer: isContainer ?? groups?.container !== undefined };
  }
  return undefined;
}

/** Whether a line is of the declaration below it: a comment, an attribute. */
export function isAttached(head: string): boolean {
  return /^(?:\/\/|\/?\*|<\?|#|--|@|;|"""|'''|<!--|%|\[[^\]]*\]$)/.test(head);
}
