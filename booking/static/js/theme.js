// Light or dark without loading the page anew; the server keeps the choice in a cookie.
import { ask } from './http.js';

const root = document.documentElement;
const form = document.querySelector('form[data-theme-toggle]');
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

const isDark = () => root.dataset.theme === 'dark'
  || (root.dataset.theme === 'auto' && systemIsDark.matches);

form?.addEventListener('submit', event => {
  event.preventDefault();
  root.dataset.theme = isDark() ? 'light' : 'dark';
  form.elements.theme.value = root.dataset.theme;
  ask(form.action, { method: 'POST', body: new FormData(form) }).catch(() => {});
});
