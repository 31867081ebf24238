import { describe, expect, test } from "vitest";
import { outline, parseBytes } from "./parse-fixture.ts";

async function read(body: string): Promise<string[]> {
  return outline(await parseBytes("page.html", `<!doctype html><title>Page</title><body>${body}`));
}

describe("a table of a web page", () => {
  test("keeps its columns where cells span rows and columns", async () => {
    const rows = [
      "<tr><th>Year<th>Quarter<th>Plan<th>Actual",
      "<tr><td rowspan=2>2024<td>Q1<td>10<td>11",
      "<tr><td>Q2<td>20<td>21",
      "<tr><td colspan=2>Both<td>30<td>32",
      "<tr><td rowspan=2 colspan=2>2025<td>40<td>41",
      "<tr><td>50<td>51",
      "<tr><td colspan=4>All in thousands",
    ];
    expect(await read(`<table>${rows.join("")}</table>`)).toEqual([
      [
        "table: Year | Quarter | Plan | Actual",
        "2024 | Q1 | 10 | 11",
        "2024 | Q2 | 20 | 21",
        "Both | | 30 | 32",
        "2025 | | 40 | 41",
        "2025 | | 50 | 51",
        "All in thousands",
      ].join("\n"),
    ]);
  });

  test("may span more than there is", async () => {
    const rows = "<tr><td rowspan=65534 colspan=1000>a<td>b".repeat(300);
    const [table = ""] = await read(`<table>${rows}</table>`);
    expect(table.length).toBeLessThan(500_000);
    expect(table.match(/b/g)?.length).toBeGreaterThanOrEqual(300);
  });

  test("has words together that are marked in parts, and apart what stands in blocks of its own", async () => {
    const cells =
      "<td>CO<sub>2</sub>, 1<sup>st</sup>, micro<b>soft</b><td><p>First</p>Second<ul><li>third<li>fourth</ul>Fifth";
    expect(await read(`<table><tr><th>A<th>B<tr>${cells}</table>`)).toEqual([
      "table: A | B\nCO2, 1st, microsoft | First Second third fourth Fifth",
    ]);
  });

  test("is one though its columns are named by headings", async () => {
    const head = "<tr><th><th><h3>Basic</h3><th><h3>Pro</h3>";
    expect(await read(`<h2>Plans</h2><table>${head}<tr><td>Users<td>5<td>50</table>`)).toEqual([
      "heading2: Plans",
      "table: | Basic | Pro\nUsers | 5 | 50",
    ]);
  });
});

describe("a list of a web page", () => {
  test("has the depth of what is in lists within it, in whatever its words stand", async () => {
    const inner = "<ul> <li> <p>one</p> <p>more of one</p>\n<li>two<ol><li>deep<br>deeper</ol>tail of two</ul>";
    expect(await read(`<ol><li>First${inner}<li>Second</ol>`)).toEqual([
      "list: 1. First\n  - one\n  more of one\n  - two\n    1. deep\n    deeper\n  tail of two\n2. Second",
    ]);
    const code = "<ul><li>Run<ul><li>this<pre>for x in y:\n\tx()<br>done</pre></ul></ul>";
    expect(await read(code)).toEqual(["list: - Run\n  - this", "code: for x in y:\n\tx()\ndone"]);
  });

  test("whose items have headings leaves no marks without words", async () => {
    const item = (name: string) => `<li>\n<article><h3>${name}</h3>\n<p>All about ${name}.</p></article>\n</li>`;
    expect(await read(`<h1>Services</h1><ul>${item("Alpha")}${item("Beta")}</ul>`)).toEqual([
      "heading1: Services",
      "heading3: Alpha",
      "list: All about Alpha.",
      "heading3: Beta",
      "list: All about Beta.",
    ]);
  });

  test("goes on in a line of its own after a list within it", async () => {
    expect(await read("<ul><li>intro<ul><li>nested</ul>tail of intro<li>next</ul>")).toEqual([
      "list: - intro\n  - nested\ntail of intro\n- next",
    ]);
  });
});

test("a heading that is a button is read, other buttons are not", async () => {
  const heading = "<h3><button aria-expanded=false>How do I get a refund?</button></h3><div>Write to us.</div>";
  expect(await read(`${heading}<p>Ask.</p><button>Send</button>`)).toEqual([
    "heading3: How do I get a refund?",
    "paragraph: Write to us.",
    "paragraph: Ask.",
  ]);
});

test("the title in the header of a page is read, wherever it stands in it", async () => {
  const header = "<header><div><div><h1>Tide tables</h1></div></div></header>";
  expect(await read(`${header}<p>High water is at noon.</p>`)).toEqual([
    "heading1: Tide tables",
    "paragraph: High water is at noon.",
  ]);
  expect(await read("<header><p>Cheap boats!</p></header><p>High water is at noon.</p>")).toEqual([
    "paragraph: High water is at noon.",
  ]);
});
