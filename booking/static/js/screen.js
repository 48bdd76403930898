// A screen asks for itself twice a minute, and keeps what it shows when nobody answers.
// Written for old tablets: no modules, no fetch, no arrow functions.
(function () {
  'use strict';
  var EVERY_MS = 30000;
  var PATIENCE_MS = 15000;
  var place = document.getElementById('screen');
  var lost = document.getElementById('lost');
  var policy = window.trustedTypes && window.trustedTypes.createPolicy
    ? window.trustedTypes.createPolicy('own-html', { createHTML: function (text) { return text; } })
    : { createHTML: function (text) { return text; } };

  function time() {
    var shown = place.querySelector('[data-time]');
    return shown ? shown.getAttribute('data-time') : '';
  }

  function fail() {
    lost.textContent = place.getAttribute('data-lost').replace('{time}', time());
    lost.removeAttribute('hidden');
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.timeout = PATIENCE_MS;
    request.setRequestHeader('X-Fragment', '1');
    request.onload = function () {
      if (request.status === 404) location.reload(); // the link is revoked
      else if (request.status !== 200) fail();
      else {
        place.innerHTML = policy.createHTML(request.responseText);
        lost.setAttribute('hidden', '');
      }
    };
    request.onerror = fail;
    request.ontimeout = fail;
    request.send();
  }

  setInterval(ask, EVERY_MS);
}());
