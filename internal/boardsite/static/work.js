// What the public pages of boards do beyond their forms, where scripts run: the work
// that a board asks for before somebody may write. Nothing is needed of it; without
// it, what is written waits for approval.

// Constants of SHA-256 (FIPS 180-4): the first 32 bits of the fractional parts of the
// square and cube roots of the first primes, worked out here rather than listed.
const K = [];
const H = [];
for (let n = 2; K.length < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
  if (!prime) continue;
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
  if (H.length < 8) H.push(fraction(Math.sqrt(n)));
  K.push(fraction(Math.cbrt(n)));
}

const turn = (x, n) => (x >>> n) | (x << (32 - n));

// firstWord gives the first word of the hash of ASCII text, which is all that counting
// its leading zeros takes.
function firstWord(text) {
  const words = new Int32Array((((text.length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  words[words.length - 1] = text.length * 8;
  const h = Int32Array.from(H);
  const w = new Int32Array(64);
  for (let at = 0; at < words.length; at += 16) {
    let [a, b, c, d, e, f, g, i] = h;
    for (let t = 0; t < 64; t++) {
      if (t < 16) w[t] = words[at + t];
      else {
        const x = w[t - 15];
        const y = w[t - 2];
        w[t] =
          (w[t - 16] +
            (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
            w[t - 7] +
            (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) |
          0;
      }
      const one = (i + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      i = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, i].forEach((x, n) => {
      h[n] = (h[n] + x) | 0;
    });
  }
  return h[0];
}

// solve works in short turns, so that the page stays quick.
async function solve({ challenge, bits }) {
  for (let n = 0; ; n++) {
    const proof = `${challenge}:${n}`;
    if (Math.clz32(firstWord(proof)) >= bits) return proof;
    if (n % 2000 === 1999) await new Promise((go) => setTimeout(go));
  }
}

// A form that asks for work begins with it when somebody turns to the form, and is
// sent when it is done.
for (const field of document.querySelectorAll('[data-work]')) {
  const form = field.form;
  let work;
  const begin = () => {
    work ??= fetch(field.dataset.work)
      .then((response) => response.json())
      .then(solve)
      .then((proof) => {
        field.value = proof;
      })
      .catch(() => {}); // then it waits for approval
    return work;
  };
  form.addEventListener('focusin', begin);
  form.addEventListener('submit', (event) => {
    if (field.value) return;
    event.preventDefault();
    begin().then(() => form.submit());
  });
}
