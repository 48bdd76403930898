// One tab stop for all free times of the board; arrow keys travel between them.
// In a long free time the arrows go in half hours.
import { board, lanes, minutes, pointTo, spanOf, clamp } from './grid.js';

const HALF_HOUR = 30;
const KEYS = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End'];
const links = lane => [...(lane?.querySelectorAll('.free a') ?? [])];

export function rove() {
  const all = [...(board()?.querySelectorAll('.free a') ?? [])];
  all.forEach((link, index) => { link.tabIndex = index ? -1 : 0; });
}

function visit(link, minute) {
  if (!link) return;
  for (const other of board().querySelectorAll('.free a[tabindex="0"]')) other.tabIndex = -1;
  const [start, end] = spanOf(link);
  if (end - start > 60) pointTo(link, clamp(minute ?? start, start, end - HALF_HOUR));
  link.tabIndex = 0;
  link.focus();
}

// Next half hour within a long free time, else the neighbour.
function along(link, steps) {
  const [start, end] = spanOf(link);
  const now = minutes(link.textContent);
  const wanted = steps > 0 ? (Math.floor(now / HALF_HOUR) + 1) * HALF_HOUR
    : (Math.ceil(now / HALF_HOUR) - 1) * HALF_HOUR;
  if (end - start > 60 && wanted >= start && wanted <= end - HALF_HOUR) return visit(link, wanted);
  const all = links(link.closest('.lane'));
  const next = all[all.indexOf(link) + steps];
  return visit(next, next && (steps > 0 ? spanOf(next)[0] : spanOf(next)[1] - HALF_HOUR));
}

function across(link, steps) {
  const all = lanes();
  const here = all.indexOf(link.closest('.lane'));
  const minute = minutes(link.textContent);
  const distance = other => {
    const [start, end] = spanOf(other);
    return minute < start ? start - minute : Math.max(minute - end + HALF_HOUR, 0);
  };
  for (let at = here + steps; all[at]; at += steps) {
    const [nearest] = links(all[at]).sort((a, b) => distance(a) - distance(b));
    if (nearest) return visit(nearest, minute);
  }
  return undefined;
}

document.addEventListener('keydown', event => {
  const link = event.target.closest?.('.free a');
  if (!link || !KEYS.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const inLane = links(link.closest('.lane'));
  if (event.key === 'ArrowDown') along(link, 1);
  else if (event.key === 'ArrowUp') along(link, -1);
  else if (event.key === 'ArrowRight') across(link, 1);
  else if (event.key === 'ArrowLeft') across(link, -1);
  else visit(event.key === 'Home' ? inLane[0] : inLane.at(-1));
});
