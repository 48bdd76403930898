// The line that shows the present goes on by itself, from where the server put it.
import { board, lastMinute, STEP, firstMinute } from './grid.js';

const started = Date.now();
let drawnAt = started;

export function noteDrawn() { drawnAt = Date.now(); }

export function advance() {
  const passed = Math.floor((Date.now() - drawnAt) / 60_000);
  for (const line of board()?.querySelectorAll('.now') ?? []) {
    line.dataset.from ??= getComputedStyle(line).getPropertyValue('--at') * STEP
      + Number(getComputedStyle(line).getPropertyValue('--plus') || 0);
    const minute = +line.dataset.from + passed;
    line.hidden = minute > lastMinute() - firstMinute();
    line.style.setProperty('--at', minute / STEP);
    line.style.setProperty('--plus', 0);
  }
}
