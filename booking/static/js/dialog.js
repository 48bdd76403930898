// Links that open as a dialog, and the forms in it.  Without this they are pages.
import { ask, parse } from './http.js';
import { prepareForms } from './forms.js';
import { say, sayOffline } from './live.js';

const OPENERS = 'a[data-dialog], .free a, .bk a';
const dialog = document.getElementById('dialog');
const body = document.getElementById('dialog-body');
let dirty = false;
let opener = null;

export const isOpen = () => dialog.open;

// Puts the server's HTML into the dialog and opens it.
export function show(html) {
  body.replaceChildren(parse(html));
  const heading = body.querySelector('h1, h2');
  if (heading) heading.id = 'dialog-title';
  dirty = false;
  prepareForms(body);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  const first = body.querySelector('[aria-invalid=true], [autofocus]')
    ?? body.querySelector('input:not([type=hidden], [type=radio], [type=checkbox])');
  (first ?? dialog.querySelector('.dialog-close')).focus();
}

export async function open(url) {
  try {
    show((await ask(url)).text);
  } catch {
    location.assign(url);
  }
}

const board = () => document.getElementById('board');

// What follows a form that went through: the board anew, or the page, which then tells it.
async function done(answer) {
  dialog.close();
  if (answer.url) {
    location.assign(answer.url);
  } else if (board()) {
    document.dispatchEvent(new CustomEvent('board:stale'));
    say(answer.text);
  } else {
    location.reload();
  }
}

// A form without a wrong field keeps what is typed; only why it was refused is put in.
const wants = (form, submitter) => form.querySelector('[data-trouble]')
  && !form.querySelector('[aria-invalid=true]') && submitter?.name !== 'take'
  ? { 'X-Part': 'trouble' } : {};

function tell(form, html) {
  const place = form.querySelector('[data-trouble]');
  place.replaceChildren(parse(html));
  dialog.scrollTop = 0;
  place.firstElementChild.focus();
}

async function send(form, submitter) {
  const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  const data = new FormData(form, submitter);
  form.setAttribute('aria-busy', 'true');
  try {
    const answer = await ask(action, {
      method: 'POST',
      body: data,
      headers: { ...wants(form, submitter), ...(board() ? {} : { 'X-Reload': '1' }) },
    });
    if (answer.ok) await done(answer);
    else if (answer.part === 'trouble') tell(form, answer.text);
    else show(answer.text);
  } catch {
    sayOffline();
  } finally {
    form.removeAttribute('aria-busy');
  }
}

document.addEventListener('click', event => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest(OPENERS);
  if (link) {
    event.preventDefault();
    if (!dialog.open) opener = link.getAttribute('href');
    open(link.getAttribute('href')); // of an SVG, href is no text
  } else if (dialog.open && (event.target.closest('[data-close]')
      || (event.target === dialog && !dirty && outside(event)))) {
    event.preventDefault();
    dialog.close();
  }
});

function outside({ clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

body.addEventListener('input', () => { dirty = true; });

body.addEventListener('submit', event => {
  if (event.target.method !== 'post') return;
  event.preventDefault();
  if (event.target.getAttribute('aria-busy') !== 'true') send(event.target, event.submitter);
});

dialog.addEventListener('close', () => {
  body.replaceChildren();
  // The board may have been drawn anew: its old links are gone.
  const again = opener && document.querySelector(`a[href="${CSS.escape(opener)}"]`);
  if (again && document.activeElement === document.body) again.focus();
});
