import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, foldWithPlaces } from "../page/js/fold.js";
import { cutAtHits, Haystack, joinWords, parsePhrase, splitWords } from "../page/js/phrase.js";

test("folding: case, width, invisible characters; accents only when asked", () => {
  const cases = [["ＧＯ", "go"], ["Straße", "strasse"], ["ΟΔΟΣ", "οδοσ"], ["so\u00adft\u200b", "soft"], ["don’t", "don't"], ["Cafe\u0301", "café"], ["☕\ufe0f", "☕"]];
  for (const [text, want] of cases) assert.equal(fold(text), want);
  assert.equal(fold("#Café Ångström", { accents: false }), "#cafe angstrom");
  assert.equal(fold("#हिन्दी", { accents: false }), "#हिन्दी");
});

test("folding knows where each unit comes from", () => {
  const text = "aß Cafe\u0301!";
  const { text: folded, from, to } = foldWithPlaces(text);
  assert.equal(folded, "ass café!");
  assert.equal(from.length, folded.length);
  const at = folded.indexOf("é");
  assert.equal(text.slice(from[at], to[at]), "e\u0301");
  assert.equal(text.slice(from[1], to[2]), "ß");
});

const found = (phrase, text) => new Haystack(text).has(parsePhrase(phrase));

test("what a phrase finds", () => {
  const cases = [
    ["twitter", true, ["TWITTER", "twitter.", "#twitter", "@twitter", "http://twitter.com", '"Twitter"']],
    ["twitter", false, ["TwitterTracker", "#newtwitter", "twitter_"]],
    ["socket.io", true, ["Socket.IO!", "https://socket.io/docs", "(socket.io)"]],
    ["socket.io", false, ["socketxio", "socket io"]],
    ["socket", true, ["Socket.IO"]],
    ["#go", true, ["#go", "we like #Go."]],
    ["#go", false, ["go", "#golang", "a#go"]],
    ["#café", true, ["#cafe", "#CAFÉ"]],
    ["café", false, ["cafe"]],
    ["go chat", true, ["chat about go"]],
    ["go chat", false, ["go"]],
    ['"right now"', true, ["Right  now!", "right\nnow"]],
    ['"right now"', false, ["now right", "right, now", "bright now"]],
    ["go -crypto", true, ["go"]],
    ["go -crypto", false, ["go and crypto"]],
    ["c++", true, ["C++ is old", "c++."]],
    ["c++", false, ["c"]],
    [".net", true, ["on .NET 9", "ASP.NET"]],
    ["東京", true, ["ここは東京です"]],
    ["☕", true, ["a ☕️ please"]],
    ["don't", true, ["I don’t"]],
    ["a,b", true, ["b a"]],
  ];
  for (const [phrase, want, texts] of cases) for (const text of texts) assert.equal(found(phrase, text), want, `${phrase} in ${text}`);
});

test("phrases as they are written", () => {
  assert.equal(parsePhrase("  "), undefined);
  assert.equal(parsePhrase('""'), undefined);
  assert.equal(parsePhrase("-"), undefined);
  assert.equal(parsePhrase("“right   now”").written, '"right now"');
  assert.equal(parsePhrase("−crypto").written, "-crypto");
  assert.equal(parsePhrase("-crypto").exclude, true);
  assert.equal(parsePhrase("go -crypto").exclude, false);
  assert.equal(parsePhrase("lang:DE").lang, "de");
  assert.equal(parsePhrase("language: pt-BR").written, "lang:pt");
});

test("words as a line of an address and back", () => {
  const words = ["go", '"right now, please"', "-spam", "#tag", "lang:en"];
  assert.equal(joinWords(words), 'go,"right now, please",-spam,#tag,lang:en');
  assert.deepEqual(splitWords(joinWords(words)), words);
  assert.deepEqual(splitWords(" ,go,,go , "), ["go"]);
  assert.deepEqual(splitWords('"unfinished'), ['"unfinished']);
  assert.deepEqual(splitWords(""), []);
});

test("a text is cut where the hits are, and loses nothing", () => {
  const phrases = ["go", "socket.io", "#café", "-no"].map(parsePhrase);
  const text = "Go: use Socket.IO, no #Cafe\u0301 gopher GO";
  const parts = cutAtHits(text, phrases);
  assert.equal(parts.map((part) => part.text).join(""), text);
  assert.deepEqual(parts.filter((part) => part.hit).map((part) => part.text), ["Go", "Socket.IO", "#Cafe\u0301", "GO"]);
  const overlapping = cutAtHits("socket.io", ["socket", "socket.io", "io"].map(parsePhrase));
  assert.equal(overlapping.map((part) => part.text).join(""), "socket.io");
  assert.deepEqual(cutAtHits("", phrases), []);
});

test("any text at all can be a phrase and be looked through", () => {
  const odd = ["(((", "[a-", "\\", "a|b", "^$", "\ud800", "e\u0301\u0301", "-\"", "#", "@", "$x", "*".repeat(60), "🏳️‍🌈", "{2}"];
  for (const phrase of odd) for (const text of odd) {
    const parsed = parsePhrase(phrase);
    if (parsed) assert.equal(cutAtHits(text, [parsed]).map((part) => part.text).join(""), text);
  }
});
