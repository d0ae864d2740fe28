// The HTML report in a real Chromium. The pages stand in the folder PAGES; CHROMIUM is the browser's command.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 700 };
const PAGES = ["bad", "accepted", "sample", "clean", "hostile"];

let browser;
before(async () => {
  // Chromium's own sandbox does not start as root, which is who runs tests in a container.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

/** Opens a page of the report; `page.faults` collects what a browser complains of and what it asks of others. */
async function open(t, name, options = {}) {
  const page = await browser.newPage({ viewport: DESKTOP, ...options });
  t.after(() => page.close());
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.on("console", (message) => page.faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.faults.push(`error: ${error}`));
  page.on("dialog", (dialog) => page.faults.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => request.isNavigationRequest() || page.faults.push(`request: ${request.url()}`));
  await page.goto(pathToFileURL(path.join(process.env.PAGES, `${name}.html`)).href);
  return page;
}

const filter = (page, label) => page.getByRole("search").getByLabel(label, { exact: true });
const visible = (page) => page.locator(".findings > li:visible").count();
const all = (page) => page.locator(".findings > li").count();
const counter = (page) => page.locator("#shown").textContent();

async function search(page, words) {
  await filter(page, "Search").fill(words);
  await page.waitForFunction(() => / of /.test(document.getElementById("shown").textContent));
}

for (const name of PAGES) {
  describe(`the page ${name}`, () => {
    test("has no error and asks nothing of any server", async (t) => {
      const page = await open(t, name);
      assert.deepEqual(page.faults, []);
    });

    for (const colorScheme of ["light", "dark"]) {
      test(`has no failure of WCAG AA (${colorScheme})`, async (t) => {
        const page = await open(t, name, { colorScheme });
        await page.evaluate(AXE);
        for (const viewport of [DESKTOP, PHONE]) {
          await page.setViewportSize(viewport);
          const { violations, passes } = await page.evaluate((values) => axe.run({ runOnly: values }), WCAG_AA);
          const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`);
          assert.deepEqual(told, [], `${viewport.width} px`);
          assert.ok(passes.some(({ id }) => id === "color-contrast"));
        }
      });
    }

    test("is as wide as a phone", async (t) => {
      const page = await open(t, name, { viewport: PHONE });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    });
  });
}

describe("the first screen", () => {
  for (const [name, headline] of [
    ["bad", "Deployment is blocked"],
    ["accepted", "Nothing blocks, but there are exceptions"],
  ]) {
    for (const viewport of [DESKTOP, PHONE]) {
      test(`of ${name} says whether the system may go on, and whose it is (${viewport.width} px)`, async (t) => {
        const page = await open(t, name, { viewport });
        for (const part of [
          page.getByRole("heading", { level: 1, name: headline }),
          page.getByRole("banner").getByText("Owner", { exact: true }),
          page.getByRole("banner").getByText("Environment", { exact: true }),
          page.getByRole("list", { name: "Rules by result" }),
        ]) {
          const { y, height } = await part.boundingBox();
          assert.ok(y >= 0 && y + height <= viewport.height, `${part} ends at ${y + height}`);
        }
      });
    }
  }

  test("shows what fails on a desktop", async (t) => {
    const page = await open(t, "bad");
    const { y } = await page.getByRole("row", { name: /^Resources must have a Project tag|TTS-TAG-001/ }).first().boundingBox();
    assert.ok(y < DESKTOP.height);
  });

  test("leads from a rule that fails to its findings", async (t) => {
    const page = await open(t, "bad");
    await page.locator(".failing").getByRole("row", { name: /TTS-TAG-001/ }).getByRole("link").click();
    const rules = await page.locator(".group:visible").evaluateAll((groups) => groups.map((group) => group.dataset.rule));
    assert.deepEqual(rules, ["TTS-TAG-001"]);
  });
});

describe("filters", () => {
  test("all findings are shown at first", async (t) => {
    const page = await open(t, "bad");
    assert.equal(await visible(page), await all(page));
    assert.equal(await counter(page), `${await all(page)} findings.`);
  });

  test("a search shows the findings that hold all its words, in any case", async (t) => {
    const page = await open(t, "bad");
    await search(page, "SERVER keyname");
    assert.equal(await visible(page), 1);
    assert.equal(await page.locator(".group:visible").count(), 1);
    assert.equal(await counter(page), `1 of ${await all(page)} findings.`);
  });

  test("a search finds the words of a rule", async (t) => {
    const page = await open(t, "bad");
    await search(page, "tts-acc-001");
    assert.equal(await page.locator(".group:visible").getAttribute("data-rule"), "TTS-ACC-001");
  });

  test("a search that nothing fits says so", async (t) => {
    const page = await open(t, "bad");
    await search(page, "no such words");
    assert.equal(await visible(page), 0);
    assert.match(await counter(page), /^0 of \d+ findings\. Nothing fits/);
  });

  test("the result narrows what is shown", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Result").selectOption("warns");
    const verdicts = await page.locator(".findings > li:visible").evaluateAll((items) => items.map((item) => item.dataset.result));
    assert.ok(verdicts.length > 0 && verdicts.every((verdict) => verdict.split(" ").includes("warns")));
  });

  test("rule and result narrow together", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Rule").selectOption("TTS-ACC-001");
    assert.equal(await visible(page), 1);
    await filter(page, "Result").selectOption("warns");
    assert.equal(await visible(page), 0);
  });

  test("a control shows the rules that support it", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Control").selectOption("AC-17");
    const rules = await page.locator(".group:visible").evaluateAll((groups) => groups.map((group) => group.dataset.rule));
    assert.deepEqual(rules.sort(), ["TTS-ACC-001", "TTS-NET-002"]);
  });

  test("a stack shows its own findings only", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Stack").selectOption("clean");
    const stacks = await page.locator(".findings > li:visible").evaluateAll((items) => items.map((item) => item.dataset.stack));
    assert.ok(stacks.length > 0 && stacks.every((stack) => stack === "clean"));
  });

  test("the number beside a rule is that of the findings shown", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Result").selectOption("blocks");
    for (const group of await page.locator(".group:visible").all()) {
      const shown = await group.locator(".findings > li:visible").count();
      assert.equal(await group.locator(".count").textContent(), String(shown));
    }
  });

  test("a section of the handbook leads to its findings, by keyboard too", async (t) => {
    const page = await open(t, "bad");
    await page.getByRole("link", { name: "HTTPS Everywhere" }).focus();
    await page.keyboard.press("Enter");
    const sections = await page.locator(".group:visible").evaluateAll((groups) => groups.map((group) => group.dataset.section));
    assert.ok(sections.length > 0 && sections.every((section) => section === "HTTPS Everywhere"));
    assert.ok(await page.locator("#findings").evaluate((title) => title.getBoundingClientRect().top < innerHeight));
  });

  test("a control leads to its rule, and the rule to its findings", async (t) => {
    const page = await open(t, "bad");
    const row = page.getByRole("region", { name: "NIST controls" }).getByRole("row", { name: /^AC-17 Remote/ });
    await row.getByRole("link", { name: "TTS-ACC-001" }).click();
    const rule = page.locator("#rule-TTS-ACC-001");
    const [top, bar] = await Promise.all([rule, page.locator("nav")].map((part) => part.boundingBox()));
    assert.ok(top.y >= bar.y + bar.height && top.y < DESKTOP.height);
    await rule.getByRole("link", { name: "TTS-ACC-001" }).click();
    const rules = await page.locator(".group:visible").evaluateAll((groups) => groups.map((group) => group.dataset.rule));
    assert.deepEqual(rules, ["TTS-ACC-001"]);
  });

  test("“Show all” takes every filter away", async (t) => {
    const page = await open(t, "bad");
    await filter(page, "Result").selectOption("warns");
    await search(page, "bucket");
    await page.getByRole("button", { name: "Show all" }).click();
    assert.equal(await visible(page), await all(page));
    assert.equal(await filter(page, "Search").inputValue(), "");
  });

  test("five thousand findings can be searched", async (t) => {
    const page = await open(t, "many");
    assert.ok((await all(page)) >= 5000);
    await search(page, "Bucket0042");
    assert.ok((await visible(page)) > 0 && (await visible(page)) < 20);
    assert.deepEqual(page.faults, []);
  });
});

describe("waivers", () => {
  test("a waiver is shown with its approver, its last day and what it covers", async (t) => {
    const page = await open(t, "bad");
    const told = await page.locator(".waivers > li").textContent();
    for (const part of ["TTS-EC2-001", "A. Person", "2026-05-31", "OPS-1", "bad/Server"]) assert.ok(told.includes(part), part);
  });

  test("a baseline is shown with who recorded it, and that nobody approved it", async (t) => {
    const page = await open(t, "accepted");
    const told = await page.getByRole("region", { name: "Who accepts what" }).textContent();
    for (const part of ["A. Recorder", "2026-02-01", "2026-09-30", "Nobody has approved them", "accepted/Uploads"])
      assert.ok(told.includes(part), part);
  });

  test("a stated absence is shown with its reason", async (t) => {
    const page = await open(t, "accepted");
    assert.match(await page.locator(".absences > li").textContent(), /No alarms at accepted\/Jobs\s*Reason: The nightly job/);
  });
});

describe("without JavaScript", () => {
  test("every finding is shown, and no filter that does nothing", async (t) => {
    const page = await open(t, "bad", { javaScriptEnabled: false });
    assert.equal(await visible(page), await all(page));
    assert.ok(!(await page.locator("#filters").isVisible()));
  });
});

describe("on paper", () => {
  test("there are no filters and no links to other parts", async (t) => {
    const page = await open(t, "bad");
    await page.emulateMedia({ media: "print" });
    assert.ok(!(await page.locator("#filters").isVisible()));
    assert.ok(!(await page.getByRole("navigation").isVisible()));
  });

  test("what was closed is open", async (t) => {
    const page = await open(t, "bad");
    await page.locator(".group summary").first().click();
    assert.equal(await page.locator("details:not([open])").count(), 1);
    await page.pdf();
    assert.equal(await page.locator("details:not([open])").count(), 0);
  });

  test("a page is as wide as its paper", async (t) => {
    const page = await open(t, "sample", { viewport: { width: 680, height: 900 } }); // Letter, less its margins
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 680);
  });

  test("no heading of a table is broken within a word", async (t) => {
    const page = await open(t, "sample", { viewport: { width: 680, height: 900 } });
    await page.emulateMedia({ media: "print" });
    const heights = await page.locator(".tally thead th").evaluateAll((cells) => cells.map((cell) => cell.clientHeight));
    assert.ok(Math.max(...heights) < 40, `${heights}`);
  });

  test("dark is not printed", async (t) => {
    const page = await open(t, "bad", { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  });
});

describe("security", () => {
  test("a script that is not of the report does not run", async (t) => {
    const page = await open(t, "bad");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hacked = true";
      document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.ok(page.faults.some((fault) => fault.includes("Content Security Policy")));
  });

  test("markup in names is text", async (t) => {
    const page = await open(t, "hostile");
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("img, main script").count(), 0);
    await search(page, "<img src=x");
    assert.ok((await visible(page)) > 0);
  });
});

describe("networks", () => {
  test("a picture has a name and a description, and its tables say the same", async (t) => {
    const page = await open(t, "sample");
    const picture = page.getByRole("img", { name: /^Network of / }).first();
    const told = await picture.locator("desc").textContent();
    assert.match(told, /The internet may talk to Load balancer \S+: tcp 80, tcp 443\./);
    const rows = await page.locator(".network").first().locator("table").first().locator("tbody tr").all();
    for (const row of rows) {
      const [source, target, ports] = await row.locator("td").allTextContents();
      assert.ok(told.includes(`${source} may talk to ${target}: ${ports}.`));
    }
    assert.ok(rows.length > 0);
  });

  test("no text of a picture lies outside of it", async (t) => {
    for (const name of ["bad", "sample"]) {
      const page = await open(t, name);
      const outside = await page.locator("svg").evaluateAll((pictures) =>
        pictures.flatMap((picture) => {
          const frame = picture.getBoundingClientRect();
          return [...picture.querySelectorAll("text")]
            .filter((text) => {
              const box = text.getBoundingClientRect();
              return box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom;
            })
            .map((text) => text.textContent);
        }),
      );
      assert.deepEqual(outside, []);
    }
  });

  test("a name is within the shape that it names", async (t) => {
    for (const name of ["bad", "sample"]) {
      const page = await open(t, name);
      const outside = await page.locator("svg .box text, svg .zone").evaluateAll((texts) =>
        texts
          .filter((text) => {
            const shape = (text.closest(".box")?.querySelector("rect") ?? text.previousElementSibling).getBoundingClientRect();
            const box = text.getBoundingClientRect();
            return box.left < shape.left || box.right > shape.right;
          })
          .map((text) => text.textContent),
      );
      assert.deepEqual(outside, []);
    }
  });
});
