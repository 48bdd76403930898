// The board's geometry: where a minute of a lane lies, and which lane lies under a point.
export const STEP = 15;

export const board = () => document.getElementById('board');
export const firstMinute = () => board().dataset.first * 60;
export const lastMinute = () => board().dataset.last * 60;

export const minutes = text => { const [h, m] = text.split(':'); return h * 60 + +m; };
export const clock = total => [Math.floor(total / 60), total % 60]
  .map(part => String(part).padStart(2, '0')).join(':');
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const lanes = () => [...(board()?.querySelectorAll('.lane') ?? [])];
export const bodyOf = lane => lane.querySelector('.body') ?? lane;

// On the phone the week is a list, without a grid to drag in.
export const hasGrid = () => Boolean(board()?.classList)
  && getComputedStyle(board()).display === 'flex';

export function laneAt(x) {
  return lanes().find(lane => {
    const box = lane.getBoundingClientRect();
    return x >= box.left && x < box.right;
  });
}

// Minutes since midnight at a height of the window, not rounded.
export function minuteAt(lane, y) {
  const box = bodyOf(lane).getBoundingClientRect();
  const first = firstMinute();
  return first + (y - box.top) / box.height * (lastMinute() - first);
}

export const snap = (minute, step = STEP) => Math.round(minute / step) * step;

export function place(element, from, to) {
  element.style.setProperty('--at', (from - firstMinute()) / STEP);
  element.style.setProperty('--for', (to - from) / STEP);
}

// First and last minute of a free link.
export function spanOf(link) {
  const start = minutes(link.dataset.first ??= link.textContent);
  const length = Number(getComputedStyle(link).getPropertyValue('--for')) * STEP;
  return [start, start + length];
}

// Lets a long free link mean a later time than its start.
export function pointTo(link, minute) {
  const [start, end] = spanOf(link);
  const url = new URL(link.href);
  link.style.setProperty('--cursor', (minute - start) / STEP);
  link.textContent = clock(minute);
  url.searchParams.set('start', clock(minute));
  url.searchParams.delete('end');
  if (end - minute < 60) url.searchParams.set('end', clock(end));
  link.href = url.pathname + url.search.replaceAll('%3A', ':');
}
