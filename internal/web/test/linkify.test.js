import assert from "node:assert/strict";
import { test } from "node:test";
import { linkify } from "../page/js/linkify.js";

const links = (text) => linkify(text).filter((part) => part.href).map((part) => part.href);

const cases = [
  ["see https://example.com/a?b=c#d now", ["https://example.com/a?b=c#d"]],
  ["HTTP://EXAMPLE.com", ["http://example.com/"]],
  ["end. https://example.com.", ["https://example.com/"]],
  ["(https://example.com/a_(b))", ["https://example.com/a_(b)"]],
  ["“https://example.com/x”, and", ["https://example.com/x"]],
  ["www.example.com/x", ["https://www.example.com/x"]],
  ["write to ann@example.org!", ["mailto:ann@example.org"]],
  ["mailto:ann@example.org?subject=x", ["mailto:ann@example.org?subject=x"]],
  ["http://localhost:3000/r/x", ["http://localhost:3000/r/x"]],
  ["https://пример.example/путь", ["https://xn--e1afmkfd.example/%D0%BF%D1%83%D1%82%D1%8C"]],
  ["ו-https://example.com/", ["https://example.com/"]],
  ["two https://a.example https://b.example/", ["https://a.example/", "https://b.example/"]],
];
for (const [text, want] of cases) {
  test(`links: ${text}`, () => assert.deepEqual(links(text), want));
}

const unlinked = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)//https",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x file:///etc/passwd ftp://example.com",
  "https://user:secret@example.com/",
  "https://trusted.example@evil.example/",
  "xhttps://example.com",
  "https://",
  "https://word",
  "mailto:",
  "@nobody a@b",
];
for (const text of unlinked) {
  test(`does not link: ${text}`, () => assert.deepEqual(links(text), []));
}

test("every href has one of three schemes, and the parts are the text again", () => {
  const pieces = ["https://", "javascript:", "a@b.example", " ", "(", ")", "www.", "<b>", '"', "\n", "é", "mailto:", "😀", "."];
  let seed = 3;
  const random = (n) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join("");
    const parts = linkify(text);
    assert.equal(parts.map((part) => part.text).join(""), text);
    for (const { href } of parts) if (href !== undefined) assert.match(href, /^(?:https?:\/\/|mailto:)/);
  }
});

test("a long text without spaces takes no time", () => {
  const begin = performance.now();
  linkify("a".repeat(20_000) + "@");
  linkify("https://" + "(".repeat(20_000) + ")".repeat(20_000));
  linkify("a.".repeat(10_000) + "@" + "b.".repeat(10_000));
  assert.ok(performance.now() - begin < 1000);
});
