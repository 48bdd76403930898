// Fragments of HTML from our own server, and the one Trusted Types policy that lets them in.
const policy = window.trustedTypes?.createPolicy('own-html', { createHTML: text => text })
  ?? { createHTML: text => text };

export const parse = html => document.createRange()
  .createContextualFragment(policy.createHTML(html));

export const csrfToken = () => document.querySelector('meta[name=csrf-token]').content;

// Returns { status, ok, text, reload, part, url }; rejects when the network fails.
export async function ask(url, options = {}) {
  const response = await fetch(url, {
    ...options,
    headers: { 'X-Fragment': '1', ...options.headers },
  });
  return {
    status: response.status,
    ok: response.ok,
    text: await response.text(),
    reload: response.headers.get('X-Board') === 'reload',
    part: response.headers.get('X-Part'),
    url: response.redirected ? response.url : null,
  };
}
