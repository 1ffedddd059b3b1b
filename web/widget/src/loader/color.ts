/** Contrast as WCAG 2.2 counts it (relative luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). */

type Rgb = [number, number, number];

/** Reads `#rrggbb`, as the settings hold it; anything else is the product's own teal. */
export function parse(color: string): Rgb {
  const hex = /^#[\da-f]{6}$/i.test(color) ? color : '#0f766e';
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(one: string, other: string): number {
  const a = luminance(parse(one));
  const b = luminance(parse(other));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white, whichever reads better on the colour: at least 4.58:1 on any. */
export function foreground(background: string): string {
  return contrast(background, '#ffffff') >= contrast(background, '#000000') ? '#ffffff' : '#000000';
}

/** The colour, drawn towards black or white only as far as it takes to stand out from the ground by `ratio`. */
export function readable(color: string, ground: string, ratio: number): string {
  const from = parse(color);
  const goal = foreground(ground) === '#ffffff' ? 255 : 0;
  for (let step = 0; step <= 20; step++) {
    const mixed = from.map((channel) => Math.round(channel + ((goal - channel) * step) / 20));
    const hex = `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
    if (contrast(hex, ground) >= ratio) return hex;
  }
  return goal ? '#ffffff' : '#000000';
}
