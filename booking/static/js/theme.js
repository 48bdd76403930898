// Light or dark, kept in a cookie so that the server renders it and nothing flashes.
const root = document.documentElement;
const button = document.querySelector('[data-theme-toggle]');
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const YEAR_S = 365 * 24 * 3600;

const isDark = () => root.dataset.theme === 'dark'
  || (root.dataset.theme === 'auto' && systemIsDark.matches);

button?.removeAttribute('hidden');
button?.addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=${YEAR_S};samesite=lax`;
});
