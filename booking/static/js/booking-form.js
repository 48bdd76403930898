// What the form of a booking tells while it is filled in; the server says the same after posting.
import { ask, csrfToken, parse } from './http.js';

const boxes = form => [...form.querySelectorAll('input[name=space]:checked')];

function told(form, name, text) {
  const place = form.querySelector(`[data-${name}-hint]`);
  if (place && place.textContent.trim() !== text) place.textContent = text;
}

function tellPlaces(form, rooms) {
  const places = rooms.reduce((sum, room) => sum + Number(room.dataset.places ?? 0), 0);
  const wanted = Number(form.elements.attendance?.value);
  const place = form.querySelector('[data-places-hint]');
  if (place) told(form, 'places', places && wanted > places ? place.dataset.text : '');
}

function tellAsks(form, rooms) {
  const names = rooms.filter(room => 'asks' in room.dataset).map(room => room.dataset.name);
  const text = form.querySelector('[data-asks-hint]')?.dataset.text;
  if (!text) return;
  told(form, 'asks', names.length ? text.replace('{rooms}', names.join(', ')) : '');
  const button = form.querySelector('[data-ask]');
  if (button) button.textContent = names.length ? button.dataset.ask : button.dataset.plain;
}

// Of the people of an organisation, those of the chosen one; the others are a choice away.
function offerPeople(form) {
  const chosen = form.elements.organisation.value;
  const person = form.elements.organiser;
  if (!person) return;
  for (const group of person.querySelectorAll('optgroup')) {
    const fits = !chosen || group.dataset.organisation === chosen;
    group.hidden = group.disabled = !fits && !group.querySelector('option:checked');
  }
}

function endLater(form) {
  const { date, end_date: last } = form.elements;
  if (!last) return;
  if (last.value && last.value < date.value) last.value = '';
  last.min = date.value;
}

// What saving would come to: asked once the typing pauses, the last answer counts.
const PAUSE_MS = 300;
const QUIET = new Set(['title', 'note', 'category', 'visibility']);
const asked = new WeakMap();

async function look(form) {
  const turn = asked.get(form).turn;
  const body = new FormData(form);
  const answer = await ask(form.dataset.check, {
    method: 'POST', body, headers: { 'X-CSRFToken': csrfToken() },
  }).catch(() => null);
  if (turn !== asked.get(form).turn || !form.isConnected) return;
  const place = form.querySelector('[data-outlook]');
  place.replaceChildren(answer?.status === 200 ? parse(answer.text) : '');
  const asking = place.querySelector('[data-asking]');
  if (place.firstElementChild) told(form, 'asks', '');
  const button = form.querySelector('[data-ask]');
  if (button && place.firstElementChild) {
    button.textContent = asking ? button.dataset.ask : button.dataset.plain;
  }
}

function lookSoon(form) {
  const { timer, turn } = asked.get(form) ?? { turn: 0 };
  clearTimeout(timer);
  asked.set(form, { turn: turn + 1, timer: setTimeout(() => look(form), PAUSE_MS) });
}

// Whoever sends the form is told by the answer: a look that is still under way comes too late.
document.addEventListener('submit', event => {
  const form = event.target;
  if (!asked.has(form)) return;
  const { timer, turn } = asked.get(form);
  clearTimeout(timer);
  asked.set(form, { turn: turn + 1 });
  form.querySelector('[data-outlook]').replaceChildren();
}, true);

function tell(form) {
  const rooms = boxes(form);
  tellPlaces(form, rooms);
  tellAsks(form, rooms);
}

// A further date: a copy of the last field, empty; without a script the server adds one.
document.addEventListener('click', event => {
  const button = event.target.closest('[data-another]');
  if (!button) return;
  event.preventDefault();
  const fields = button.parentElement.querySelectorAll('[data-more]');
  const last = fields[fields.length - 1];
  const next = last.cloneNode();
  next.type = 'date';
  next.defaultValue = next.value = '';
  next.setAttribute('aria-label', last.getAttribute('aria-label').replace(/\d+/, fields.length + 1));
  last.after(next);
  next.focus();
});

const ours = event => event.target.form?.matches('[data-booking-form]') && event.target.form;

document.addEventListener('input', event => {
  const form = ours(event);
  if (!form) return;
  const { name } = event.target;
  if (name === 'attendance') tell(form);
  if (!asked.has(form) || name === 'attendance') lookSoon(form);
});

document.addEventListener('change', event => {
  const form = ours(event);
  if (!form) return;
  const { name } = event.target;
  if (name === 'space') tell(form);
  if (!QUIET.has(name)) lookSoon(form);
  if (name === 'organisation') offerPeople(form);
  if (name === 'date') endLater(form);
  // A date or a number typed beside a choice makes the choice.
  if (name === 'until' || name === 'count') form.elements.ends.value = name;
});
