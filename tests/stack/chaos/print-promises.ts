import type { Reporter, TestCase, TestModule } from "vitest/node";
import type {} from "./report-promise.ts";

const header = ["promise", "what was done", "figures", "kept?"];
const shares = [0.27, 0.32, 0.34, 0.07];
const narrowest = 100;
const verdicts = { passed: "kept", failed: "BROKEN", skipped: "untried", pending: "untried" };

/** Prints one table at the end of a run: what is promised, what was done to break it, what was measured, whether it held. */
export default class PrintPromises implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap((module) => {
      const tests = [...module.children.allTests()];
      return tests.length > 0 ? tests.map(toRow) : [[module.relativeModuleId, "", "no test ran", "BROKEN"]];
    });
    console.log(`\n${drawTable([header, ...rows], Math.max(process.stdout.columns ?? 150, narrowest))}\n`);
  }
}

function toRow(test: TestCase): string[] {
  const report = test.meta().promise;
  const figures = Object.entries(report?.figures ?? {}).map(([name, value]) => `${name}: ${value}`);
  return [report?.promise || test.name, report?.done ?? "", figures.join("\n"), verdicts[test.result().state]];
}

function drawTable(rows: string[][], width: number): string {
  const widths = shares.map((share) => Math.floor((width - 3 * (shares.length + 1)) * share));
  const line = `+${widths.map((cell) => "-".repeat(cell + 2)).join("+")}+`;
  const drawn = rows.map((row) => {
    const cells = widths.map((cellWidth, column) => wrap(row[column] ?? "", cellWidth));
    const height = Math.max(...cells.map((cell) => cell.length));
    const lines = Array.from({ length: height }, (_, at) => {
      const parts = widths.map((cellWidth, column) => (cells[column]?.[at] ?? "").padEnd(cellWidth));
      return `| ${parts.join(" | ")} |`;
    });
    return lines.join("\n");
  });
  return [line, ...drawn.flatMap((row) => [row, line])].join("\n");
}

function wrap(text: string, width: number): string[] {
  const pieces = new RegExp(`\\S{${width}}|\\S[^\\n]{0,${width - 1}}(?=\\s|$)`, "g");
  return text.split("\n").flatMap((line) => line.match(pieces) ?? [""]);
}
