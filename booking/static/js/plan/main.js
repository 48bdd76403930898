// The plan follows the slider.  Without this file the form does.
import { ask, parse } from '../http.js';
import { sayOffline } from '../live.js';

const PAUSE_MS = 120;
const FRESH_MS = 60_000;
const form = document.getElementById('plan-time');
const { date, minute } = form.elements;
const clock = document.getElementById('plan-clock');
const now = document.getElementById('plan-now');
const plan = () => document.getElementById('plan');
const two = number => String(number).padStart(2, '0');
const time = minutes => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

let timer;
let asked = 0;

form.querySelector('[data-show]').hidden = true;

function tell() {
  clock.textContent = time(+minute.value);
  minute.setAttribute('aria-valuetext', clock.textContent);
}

// An answer that others have overtaken is thrown away.
async function draw(url, { keep = true } = {}) {
  const mine = ++asked;
  plan().setAttribute('aria-busy', 'true');
  try {
    const answer = await ask(url);
    if (mine !== asked) return;
    if (!answer.ok || answer.url) return location.assign(url);
    const [left, focused] = [sheet()?.scrollLeft ?? 0, focusedSpace()];
    plan().replaceWith(parse(answer.text));
    sheet()?.scrollTo(left, 0);
    if (focused) spot(focused)?.focus();
    if (keep) history.replaceState(null, '', url);
    rove();
  } catch {
    if (mine === asked) sayOffline();
  } finally {
    plan().removeAttribute('aria-busy');
  }
  return undefined;
}

function address() {
  const query = new URLSearchParams(new FormData(form));
  query.set('at', `${query.get('date')}T${time(+query.get('minute'))}`);
  query.delete('date');
  query.delete('minute');
  return `${form.getAttribute('action')}?${query}`;
}

const isNow = () => now.ariaCurrent === 'true';

function changed() {
  tell();
  now.removeAttribute('aria-current');
  clearTimeout(timer);
  if (date.value) timer = setTimeout(() => draw(address()), PAUSE_MS);
}

minute.addEventListener('input', changed);
date.addEventListener('change', changed);
form.addEventListener('submit', event => { event.preventDefault(); changed(); });

// What shows the present goes on with it.
setInterval(async () => {
  if (!isNow() || document.hidden || document.getElementById('dialog').open) return;
  await draw(now.href, { keep: false });
  minute.value = plan().dataset.minute;
  tell();
}, FRESH_MS);

// Arrow keys go from space to space: one stop for Tab instead of forty.
const sheet = () => document.querySelector('.plan-sheet');
const spots = () => [...document.querySelectorAll('.plan .spot')];
const spot = href => spots().find(each => each.getAttribute('href') === href);
const focusedSpace = () => document.activeElement.closest?.('.plan .spot')?.getAttribute('href');
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function rove(to = spots()[0]) {
  for (const each of spots()) each.setAttribute('tabindex', each === to ? '0' : '-1');
}

function middle(it) {
  const box = it.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

// The nearest one in that direction; what lies aside counts double.
function nearest(from, [dx, dy]) {
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const each of spots()) {
    const [ax, ay] = middle(each);
    const ahead = (ax - x) * dx + (ay - y) * dy;
    const aside = Math.abs((ax - x) * dy) + Math.abs((ay - y) * dx);
    if (ahead > 1 && ahead + 2 * aside < least) [best, least] = [each, ahead + 2 * aside];
  }
  return best;
}

document.addEventListener('keydown', event => {
  const from = event.target.closest?.('.plan .spot');
  const way = WAYS[event.key];
  if (!from || !way || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const to = nearest(from, way);
  if (!to) return;
  rove(to);
  to.focus();
});

rove();
