// A colour for each person, the same on every screen: the hue is a hash, the
// lightness is then moved until the name can be read on every background of the
// theme (contrast at least 4.5:1, WCAG AA). Never the only sign: names are
// always written out.

/** The backgrounds that a name may stand on; css/1-tokens.css has the same. */
export const BACKGROUNDS = {
  light: ["#ffffff", "#f4f6f4", "#e9eeeb"],
  dark: ["#121b18", "#0d1412", "#1d2925"],
};

/** A little above the norm, so that rounding never falls below it. */
const ENOUGH = 4.6;
/** Hues (OKLCH) that eyes tell apart; those near the accent are left out. */
const HUES = [68, 95, 128, 150, 172, 196, 222, 248, 272, 296, 322, 348, 8];
/** Each of them vivid and muted. */
const CHROMAS = [0.14, 0.055];

/** id → {light: "#rrggbb", dark: "#rrggbb"} */
export function nickColours(id) {
  const slot = hash(id) % (HUES.length * CHROMAS.length);
  const hue = HUES[slot % HUES.length];
  const chroma = CHROMAS[Math.floor(slot / HUES.length)];
  return { light: readable(hue, chroma, "light"), dark: readable(hue, chroma, "dark") };
}

/** FNV-1a, 32 bits, over the UTF-16 units; then mixed, since ids are alike. */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h ^= h >>> 16;
  return Math.imul(h, 0x45d9f3b) >>> 8;
}

function readable(hue, chroma, theme) {
  const dark = theme === "dark";
  const step = dark ? 0.01 : -0.01;
  for (let l = dark ? 0.7 : 0.56; l > 0.1 && l < 1; l += step) {
    const colour = hex(fitGamut(l, chroma, hue));
    if (BACKGROUNDS[theme].every((bg) => contrast(colour, bg) >= ENOUGH)) return colour;
  }
  return dark ? "#ffffff" : "#000000";
}

/** Takes chroma away until the colour exists in sRGB. */
function fitGamut(l, c, hue) {
  for (; c > 0; c -= 0.005) {
    const rgb = oklchToLinear(l, c, hue);
    if (rgb.every((v) => v >= 0 && v <= 1)) return rgb;
  }
  return oklchToLinear(l, 0, hue).map((v) => Math.min(1, Math.max(0, v)));
}

function oklchToLinear(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function hex(linear) {
  const channel = (v) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  return "#" + linear.map((v) => Math.round(channel(v) * 255).toString(16).padStart(2, "0")).join("");
}

/** The contrast of two #rrggbb colours as WCAG 2 counts it, 1 to 21. */
export function contrast(one, two) {
  const [high, low] = [luminance(one), luminance(two)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const v = parseInt(colour.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
