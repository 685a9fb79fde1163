// Text in the form in which words are compared: no case, no width, no invisible
// characters, as the server's own matching has it (package feed). Next to it
// stands where each unit of the folded text comes from, so that what was found
// in it can be marked in the text that is shown.

/** A character and the marks that belong to it. */
const CLUSTER = /\P{M}\p{M}*|\p{M}+/gu;
/** Not seen and not compared; the joiners U+200C and U+200D are part of words. */
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}|[\ufe0e\ufe0f]/gu;

/** In other scripts they are vowels, or make other letters. */
const ACCENTS = /(?<=\p{Script=Latin})\p{Mn}+/gu;

/** A string as it is compared; accents: false also takes those of Latin letters
 *  off, as is done in hashtags. */
export function fold(text, { accents = true } = {}) {
  const same = text.normalize("NFKC").toLowerCase().replace(/ß/g, "ss").replace(/ς/g, "σ").replace(/’/g, "'");
  const plain = accents ? same : same.normalize("NFD").replace(ACCENTS, "");
  return plain.normalize("NFKC").replace(INVISIBLE, "");
}

/** text → {text, from, to}: unit i of the folded text stands for the original's
 *  from[i] to to[i]. */
export function foldWithPlaces(original, options) {
  const parts = [];
  const from = [];
  const to = [];
  for (const { 0: cluster, index } of original.matchAll(CLUSTER)) {
    const part = fold(cluster, options);
    parts.push(part);
    for (let i = 0; i < part.length; i++) {
      from.push(index);
      to.push(index + cluster.length);
    }
  }
  return { text: parts.join(""), from, to };
}
