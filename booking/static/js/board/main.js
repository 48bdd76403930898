// The planning board.  All of it works without this file: links and forms.
import { ask, parse } from '../http.js';
import { isOpen } from '../dialog.js';
import { sayOffline } from '../live.js';
import { board, hasGrid, minuteAt, pointTo, spanOf, clamp } from './grid.js';
import { rove } from './keys.js';
import { advance, noteDrawn } from './clock.js';
import { isDragging } from './drag.js';

const STALE_MS = 5 * 60_000;
let drawnAt = Date.now();

function prepare() {
  drawnAt = Date.now();
  noteDrawn();
  for (const own of board()?.querySelectorAll('.bk.own') ?? []) {
    const grip = Object.assign(document.createElement('i'), { className: 'grip' });
    grip.ariaHidden = 'true';
    own.append(grip);
  }
  rove();
  advance();
}

async function redraw() {
  const old = board();
  const [left, top] = [old.scrollLeft, old.scrollTop];
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute('href');
  try {
    const answer = await ask(location.href);
    if (!answer.ok || answer.url) return location.reload();
    old.replaceWith(parse(answer.text));
  } catch {
    return sayOffline();
  }
  prepare();
  board().scrollTo(left, top);
  if (focused) board().querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  return undefined;
}

document.addEventListener('board:stale', redraw);

// Others book too: a board that was out of sight, or stands for long, is fetched again.
function refreshWhenIdle() {
  if (document.hidden || isDragging() || isOpen() || Date.now() - drawnAt < STALE_MS) return;
  redraw();
}
document.addEventListener('visibilitychange', refreshWhenIdle);
setInterval(() => { advance(); refreshWhenIdle(); }, 30_000);

// In a long free time the pointer says which half hour is meant.
document.addEventListener('pointermove', event => {
  const link = event.pointerType !== 'touch' && event.target.closest?.('.week .free a');
  if (!link || isDragging() || !hasGrid()) return;
  aim(link, event.clientY);
});
document.addEventListener('click', event => {
  const link = event.detail && event.target.closest?.('.week .free a');
  if (link && hasGrid()) aim(link, event.clientY);
}, { capture: true });

function aim(link, y) {
  const [start, end] = spanOf(link);
  const minute = Math.floor(minuteAt(link.closest('.lane'), y) / 30) * 30;
  pointTo(link, clamp(minute, start, Math.max(end - 30, start)));
}

// On the phone the board scrolls by itself: begin at the present.
function showPresent() {
  const today = board().querySelector('.today');
  if (today) board().scrollLeft = today.offsetLeft - board().querySelector('.axis').offsetWidth;
  const line = board().querySelector('.now');
  if (line) board().scrollTop = line.offsetTop - board().clientHeight / 3;
}

if (board()) {
  prepare();
  if (hasGrid()) showPresent();
}
