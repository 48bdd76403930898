// Drag to create in a lane, to move one's own bookings, and to change their end.
// Posts to the same routes as the forms; whatever drags can be done there too.
import { ask, csrfToken } from '../http.js';
import { open, show, isOpen } from '../dialog.js';
import { say, sayOffline } from '../live.js';
import {
  STEP, board, bodyOf, clamp, clock, firstMinute, hasGrid, laneAt, lastMinute, minuteAt, minutes,
  place, snap,
} from './grid.js';
import { follow, stopFollowing } from './scroll.js';

const HOLD_MS = 350;
const SLACK_PX = 6;
let drag = null;
let waiting = null; // a finger that may become a drag

export const isDragging = () => drag !== null;

function begin(event) {
  const own = event.target.closest('.bk.own');
  const lane = event.target.closest('.lane');
  if (!lane || !hasGrid() || (event.target.closest('.bk') && !own)) return;
  const at = minuteAt(lane, event.clientY);
  const common = { id: event.pointerId, x: event.clientX, y: event.clientY, lane, live: false };
  if (own) {
    const [from, to] = [minutes(own.dataset.start), minutes(own.dataset.end)];
    const resize = Boolean(event.target.closest('.grip'));
    drag = { ...common, kind: resize ? 'resize' : 'move', own, from, to, home: lane, grab: at - from };
  } else {
    if (event.target.closest('.closed')) return;
    drag = { ...common, kind: 'create', anchor: Math.floor(at / STEP) * STEP };
  }
}

function lift() {
  drag.live = true;
  board().setPointerCapture(drag.id); // it may leave the window
  drag.sketch = Object.assign(document.createElement('div'), { className: 'sketch' });
  document.body.classList.add('dragging');
  document.body.classList.toggle('resizing', drag.kind === 'resize');
  drag.own?.classList.add('lifted');
}

function draw(x, y) {
  if (drag.kind === 'move') drag.lane = laneAt(x) ?? drag.lane;
  const at = minuteAt(drag.lane, y);
  const [first, last] = [firstMinute(), lastMinute()];
  if (drag.kind === 'create') {
    drag.start = clamp(Math.min(drag.anchor, snap(at)), first, last - STEP);
    drag.end = clamp(Math.max(drag.anchor + STEP, snap(at)), first + STEP, last);
  } else if (drag.kind === 'resize') {
    drag.start = drag.from;
    drag.end = clamp(snap(at), drag.from + STEP, last);
  } else {
    const length = drag.to - drag.from;
    drag.start = clamp(snap(at - drag.grab), first, Math.max(last - length, first));
    drag.end = drag.start + length;
  }
  place(drag.sketch, drag.start, drag.end);
  drag.sketch.dataset.label = `${clock(drag.start)}–${clock(drag.end)}`;
  const body = bodyOf(drag.lane);
  if (drag.sketch.parentNode !== body) body.append(drag.sketch);
}

// Puts everything back; `keep` leaves the sketch until the server has answered.
function finish({ keep = false } = {}) {
  const over = drag;
  drag = null;
  stopFollowing();
  document.body.classList.remove('dragging', 'resizing');
  if (!keep) settle(over);
  return over;
}

function settle(over) {
  over.sketch?.remove();
  over.own?.classList.remove('lifted');
}

// The click that ends a drag is none.
function swallowClick() {
  const eat = event => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener('click', eat, { capture: true });
  setTimeout(() => document.removeEventListener('click', eat, { capture: true }));
}

function nextDay(date) {
  const day = new Date(`${date}T12:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

const times = (date, start, end) => ({
  date,
  start: clock(start),
  end: end === 1440 ? '00:00' : clock(end),
  ...(end === 1440 && { end_date: nextDay(date) }),
});

function create({ lane, start, end }) {
  const { space, date } = lane.dataset;
  open(`/bookings/new?${new URLSearchParams({ space, ...times(date, start, end) })}`);
}

async function move(over) {
  const { own, home, lane, start, end } = over;
  if (start === over.from && end === over.to && lane === home) return settle(over);
  over.sketch.classList.add('saving');
  const body = new FormData();
  const fields = {
    csrf_token: csrfToken(),
    version: own.dataset.version,
    ...times(lane.dataset.date, start, end),
    space_from: home.dataset.space,
    space_to: lane.dataset.space,
    ...(own.dataset.date && { occurrence: own.dataset.date }),
  };
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  try {
    const answer = await ask(`/bookings/${own.dataset.id}/move`, { method: 'POST', body });
    if (answer.ok) {
      document.dispatchEvent(new CustomEvent('board:stale'));
      return say(answer.text);
    }
    settle(over);
    return show(answer.text);
  } catch {
    settle(over);
    return sayOffline();
  }
}

document.addEventListener('pointerdown', event => {
  if (event.button || isOpen() || !board()?.contains(event.target)) return;
  if (event.pointerType !== 'touch' || event.target.closest('.grip')) {
    begin(event);
    return;
  }
  const timer = setTimeout(() => {
    waiting = null;
    begin(event);
    if (!drag) return;
    navigator.vibrate?.(12);
    lift();
    draw(event.clientX, event.clientY);
  }, HOLD_MS);
  waiting = { timer, x: event.clientX, y: event.clientY };
});

document.addEventListener('pointermove', event => {
  if (waiting && Math.hypot(event.clientX - waiting.x, event.clientY - waiting.y) > SLACK_PX) {
    clearTimeout(waiting.timer); // it scrolls
    waiting = null;
  }
  if (!drag || event.pointerId !== drag.id) return;
  if (!drag.live) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLACK_PX) return;
    lift();
  }
  draw(event.clientX, event.clientY);
  follow(event.clientX, event.clientY, draw);
});

document.addEventListener('pointerup', event => {
  clearTimeout(waiting?.timer);
  waiting = null;
  if (!drag || event.pointerId !== drag.id) return;
  if (!drag.live) {
    drag = null;
    return;
  }
  swallowClick();
  const over = finish({ keep: true });
  if (over.kind === 'create') {
    settle(over);
    create(over);
  } else {
    move(over);
  }
});

function abandon() {
  clearTimeout(waiting?.timer);
  waiting = null;
  if (drag?.live) finish();
  drag = null;
}

document.addEventListener('pointercancel', abandon);
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape' || !drag) return;
  event.preventDefault();
  abandon();
  document.addEventListener('pointerup', swallowClick, { once: true });
});

// Links drag natively, fingers scroll, long presses open menus: not while we drag.
document.addEventListener('dragstart', event => {
  if (event.target.closest?.('.board')) event.preventDefault();
});
document.addEventListener('touchmove', event => {
  if (drag?.live) event.preventDefault();
}, { passive: false });
document.addEventListener('contextmenu', event => {
  if (drag?.live) event.preventDefault();
});
