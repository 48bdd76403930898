// Small helps in forms; the attributes are explained in templates/macros.html.
const minutes = text => { const [h, m] = text.split(':'); return h * 60 + +m; };

// Moving the start takes the end along.
let before = new WeakMap();
document.addEventListener('focusin', event => {
  if (event.target.matches('select[name=start]')) before.set(event.target, event.target.value);
});
document.addEventListener('change', event => {
  const start = event.target;
  const end = start.matches('select[name=start]') && start.form?.elements.end;
  if (!end) return;
  const length = minutes(end.value) - minutes(before.get(start) ?? start.value);
  before.set(start, start.value);
  const wanted = minutes(start.value) + (length > 0 ? length : 60);
  const later = [...end.options].filter(option => minutes(option.value) > minutes(start.value));
  const fits = later.find(option => minutes(option.value) >= wanted) ?? later.at(-1);
  if (fits) end.value = fits.value;
});

// data-when="name=a b": shown while the field has one of these values.
function showFitting(form) {
  for (const part of form.querySelectorAll('[data-when]')) {
    const [name, values] = part.dataset.when.split('=');
    const value = new FormData(form).get(name) ?? '';
    part.hidden = !values.split(' ').includes(value);
  }
}
export function prepareForms(root = document) {
  for (const form of root.querySelectorAll('form')) {
    if (form.querySelector('[data-when]')) showFitting(form);
  }
}
document.addEventListener('change', event => {
  if (event.target.form?.querySelector('[data-when]')) showFitting(event.target.form);
});

// Filters apply themselves; of several boxes, when their menu closes.
for (const form of document.querySelectorAll('form[data-auto]')) {
  const button = form.querySelector('[data-apply]');
  button.hidden = true;
  form.addEventListener('change', event => {
    if (event.target.matches('select')) form.requestSubmit();
    else button.hidden = false;
  });
  form.addEventListener('toggle', event => {
    if (!event.target.open && !button.hidden) form.requestSubmit();
  }, { capture: true });
}

// A date chosen with the pointer is enough; a typed one waits for Enter.
for (const input of document.querySelectorAll('.pick input[type=date]')) {
  let typed = false;
  input.addEventListener('keydown', () => { typed = true; });
  input.addEventListener('change', () => { if (!typed && input.value) input.form.requestSubmit(); });
}

// The second of two quick clicks on a button does nothing.
document.addEventListener('submit', event => {
  if (event.defaultPrevented || event.target.method !== 'post') return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = '1';
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

document.addEventListener('click', event => {
  const button = event.target.closest('[data-copy]');
  const source = button && document.getElementById(button.getAttribute('aria-controls'));
  if (!source) return;
  navigator.clipboard?.writeText(source.value ?? source.textContent.trim())
    .then(() => button.classList.add('done'));
});

prepareForms();
