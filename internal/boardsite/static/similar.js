// Shows posts like the one that somebody writes, while they write it. The form needs
// none of this: without it, they are shown when the form is sent.
const box = document.querySelector('[data-similar]');
const form = box.closest('form');
const title = form.elements.namedItem('title');
let timer;
let before;

async function look() {
  before?.abort();
  before = new AbortController();
  const body = new URLSearchParams({ title: title.value, form: form.elements.namedItem('form')?.value ?? '' });
  try {
    const answer = await fetch(box.dataset.similar, { method: 'POST', body, signal: before.signal });
    if (answer.ok) box.innerHTML = await answer.text();
  } catch {
    // offline, or somebody typed on
  }
}

title.addEventListener('input', () => {
  clearTimeout(timer);
  if (title.value.trim().length > 2) timer = setTimeout(look, 350);
});
