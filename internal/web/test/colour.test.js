import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BACKGROUNDS, contrast, nickColours } from "../page/js/colour.js";

const tokens = readFileSync(new URL("../page/css/1-tokens.css", import.meta.url), "utf8");

/** The two values of a token: light-dark(#…, #…). */
function pair(name) {
  const match = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(tokens);
  assert.ok(match, `no token --${name}`);
  return { light: match[1], dark: match[2] };
}

test("the backgrounds are those of the style sheet", () => {
  for (const theme of ["light", "dark"]) {
    assert.deepEqual(BACKGROUNDS[theme], ["sheet", "paper", "tint"].map((name) => pair(name)[theme]));
  }
});

test("every nick can be read on every background, in both themes", () => {
  const seen = new Set();
  for (let i = 0; i < 3000; i++) {
    const colours = nickColours(`p${i.toString(36)}`);
    seen.add(colours.light);
    for (const theme of ["light", "dark"]) {
      for (const background of BACKGROUNDS[theme]) {
        const ratio = contrast(colours[theme], background);
        assert.ok(ratio >= 4.5, `${colours[theme]} on ${background}: ${ratio.toFixed(2)}`);
      }
    }
  }
  assert.ok(seen.size >= 20, `only ${seen.size} colours`);
});

test("the same person has the same colour", () => {
  assert.deepEqual(nickColours("p1234"), nickColours("p1234"));
});

const texts = [
  ["ink", ["sheet", "paper", "tint"]],
  ["ink-2", ["sheet", "paper", "tint"]],
  ["ink-3", ["sheet", "paper", "tint"]],
  ["now", ["sheet", "paper"]],
  ["on-now", ["now"]],
  ["bad", ["sheet", "bad-soft"]],
  ["ink", ["now-soft"]],
];
for (const [ink, backgrounds] of texts) {
  for (const background of backgrounds) {
    test(`--${ink} on --${background} has 4.5:1`, () => {
      for (const theme of ["light", "dark"]) {
        const ratio = contrast(pair(ink)[theme], pair(background)[theme]);
        assert.ok(ratio >= 4.5, `${theme}: ${ratio.toFixed(2)}`);
      }
    });
  }
}

test("contrast is WCAG's", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});
