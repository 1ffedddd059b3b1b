// Puts the identity token that stands behind the # of the address into the form, and
// takes it out of the address, so that it stays in no history.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname + location.search);
const form = document.querySelector('#identity');
if (form && token) {
  form.elements.token.value = token;
  form.hidden = false;
  document.querySelector('#no-identity').hidden = true;
}
