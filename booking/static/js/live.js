// Short messages at the bottom of the window, read out by screen readers.
const region = document.getElementById('status');
const STAYS_MS = 6000;
let timer;

export function say(text) {
  clearTimeout(timer);
  region.textContent = '';
  requestAnimationFrame(() => { region.textContent = text.trim(); });
  timer = setTimeout(() => { region.textContent = ''; }, STAYS_MS);
}

export const sayOffline = () => say(region.dataset.offline);
