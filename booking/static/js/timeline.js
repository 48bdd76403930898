// Days of a free stretch are chosen, then a lease is planned for them: dragged with the mouse, with a
// finger after a rest, or moved with the arrow keys.  A click plans one for all of the stretch.
import { say } from './live.js';

const table = document.querySelector('.timeline');
const dayPx = Number(table?.dataset.dayPx);
const FEW_PX = 4;
const MUCH_PX = 10;
const REST_MS = 350;
const NS = 'http://www.w3.org/2000/svg';
// As everywhere else in these pages: the day comes before the month.
const LANGUAGE = { en: 'en-GB' }[document.documentElement.lang] ?? document.documentElement.lang;
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
let drag = null;
let rest = null; // a finger that lies still

const dayAt = (svg, event) => Math.floor((event.clientX - svg.getBoundingClientRect().left) / dayPx);
const numberOf = day => Math.round((Date.parse(day) - Date.parse(table.dataset.first)) / 864e5);

function iso(number) {
  const day = new Date(`${table.dataset.first}T00:00Z`);
  day.setUTCDate(day.getUTCDate() + number);
  return day.toISOString().slice(0, 10);
}

const clamp = (day, { first, last }) => (day < first ? first : day > last ? last : day);

function range(event) {
  const days = [drag.from, dayAt(drag.svg, event)].sort((a, b) => a - b).map(iso);
  return days.map(day => clamp(day, drag.gap.dataset));
}

function markOn(gap) {
  const rect = gap.querySelector('rect');
  const mark = document.createElementNS(NS, 'rect');
  mark.setAttribute('class', 'picked');
  for (const name of ['y', 'height', 'rx']) mark.setAttribute(name, rect.getAttribute(name));
  gap.ownerSVGElement.append(mark);
  return mark;
}

function show(mark, days) {
  const [first, last] = days.map(numberOf);
  mark.setAttribute('x', first * dayPx);
  mark.setAttribute('width', (last - first + 1) * dayPx);
}

function plan(gap, [first, last]) {
  const address = new URL(gap.getAttribute('href'), location.href);
  address.searchParams.set('starts', first);
  address.searchParams.set('ends', last);
  location.assign(address);
}

function letGo() {
  clearTimeout(rest?.timer);
  drag?.mark?.remove();
  drag = rest = null;
}

// --- pointer

table?.addEventListener('dragstart', event => event.preventDefault());

table?.addEventListener('pointerdown', event => {
  const gap = event.target.closest('a.gap');
  if (!gap || event.button !== 0) return;
  const svg = gap.ownerSVGElement;
  const begun = { gap, svg, from: dayAt(svg, event), x: event.clientX, y: event.clientY, mark: null };
  if (event.pointerType !== 'touch') {
    drag = begun;
    return;
  }
  const timer = setTimeout(() => {
    drag = { ...begun, mark: markOn(gap) };
    show(drag.mark, range(event));
    rest = null;
    navigator.vibrate?.(10);
  }, REST_MS);
  rest = { ...begun, timer };
});

addEventListener('pointermove', event => {
  if (rest && Math.hypot(event.clientX - rest.x, event.clientY - rest.y) > MUCH_PX) letGo();
  if (!drag) return;
  if (!drag.mark) {
    if (Math.abs(event.clientX - drag.x) < FEW_PX) return;
    drag.mark = markOn(drag.gap);
  }
  show(drag.mark, range(event));
});

addEventListener('pointerup', event => {
  const done = drag?.mark && { gap: drag.gap, days: range(event) };
  letGo();
  if (!done) return;
  // The click that follows would open the whole stretch.
  addEventListener('click', click => click.preventDefault(), { once: true, capture: true });
  plan(done.gap, done.days);
});

addEventListener('pointercancel', letGo);

// Fingers scroll, long presses open menus: not while days are dragged.
table?.addEventListener('touchmove', event => {
  if (drag?.mark) event.preventDefault();
}, { passive: false });
table?.addEventListener('contextmenu', event => {
  if (drag?.mark || rest) event.preventDefault();
});

// --- keyboard

let keys = null; // the stretch that has the focus, with the days chosen in it

function forget() {
  keys?.mark.remove();
  keys = null;
}

function move(gap, event) {
  if (keys?.gap !== gap) {
    forget();
    keys = { gap, mark: markOn(gap), days: [gap.dataset.first, gap.dataset.last] };
  }
  const step = STEPS[event.key] * (dayPx < 8 ? 7 : 1); // a day is too small to be seen in a year
  const end = event.shiftKey ? 1 : 0;
  const day = clamp(iso(numberOf(keys.days[end]) + step), gap.dataset);
  keys.days[end] = end ? (day < keys.days[0] ? keys.days[0] : day) : (day > keys.days[1] ? keys.days[1] : day);
  show(keys.mark, keys.days);
  const words = keys.days.map(each => new Date(`${each}T00:00Z`).toLocaleDateString(LANGUAGE,
    { day: 'numeric', month: 'long', timeZone: 'UTC' }));
  say(words.join(' – '));
}

addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    letGo();
    forget();
    return;
  }
  const gap = event.target.closest?.('a.gap');
  if (!gap || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS) {
    event.preventDefault();
    move(gap, event);
  } else if (event.key === 'Enter' && keys?.gap === gap) {
    event.preventDefault();
    plan(gap, keys.days);
  }
});
table?.addEventListener('focusout', forget);
