// Dragging over a free stretch plans a lease for these days; a click plans one for all of it.
const table = document.querySelector('.timeline');
const dayPx = Number(table?.dataset.dayPx);
const FEW_PX = 4;
const NS = 'http://www.w3.org/2000/svg';
let drag = null;

const dayAt = (svg, event) => Math.floor((event.clientX - svg.getBoundingClientRect().left) / dayPx);

function iso(number) {
  const day = new Date(`${table.dataset.first}T00:00Z`);
  day.setUTCDate(day.getUTCDate() + number);
  return day.toISOString().slice(0, 10);
}

const clamp = (day, { first, last }) => (day < first ? first : day > last ? last : day);

function range(event) {
  const days = [drag.from, dayAt(drag.svg, event)].sort((a, b) => a - b).map(iso);
  return days.map(day => clamp(day, drag.gap.dataset));
}

function show(event) {
  const [first, last] = range(event).map(day =>
    Math.round((Date.parse(day) - Date.parse(table.dataset.first)) / 864e5));
  drag.mark.setAttribute('x', first * dayPx);
  drag.mark.setAttribute('width', (last - first + 1) * dayPx);
}

table?.addEventListener('dragstart', event => event.preventDefault());

table?.addEventListener('pointerdown', event => {
  const gap = event.target.closest('a.gap');
  if (!gap || event.button !== 0 || event.pointerType === 'touch') return;
  const svg = gap.ownerSVGElement;
  drag = { gap, svg, from: dayAt(svg, event), x: event.clientX, mark: null };
});

addEventListener('pointermove', event => {
  if (!drag) return;
  if (!drag.mark) {
    if (Math.abs(event.clientX - drag.x) < FEW_PX) return;
    drag.mark = document.createElementNS(NS, 'rect');
    drag.mark.setAttribute('class', 'picked');
    drag.mark.setAttribute('y', 4);
    drag.mark.setAttribute('height', 20);
    drag.mark.setAttribute('rx', 4);
    drag.svg.append(drag.mark);
  }
  show(event);
});

addEventListener('pointerup', event => {
  if (!drag) return;
  const { gap, mark } = drag;
  if (!mark) {
    drag = null;
    return;
  }
  const [first, last] = range(event);
  drag = null;
  const address = new URL(gap.getAttribute('href'), location.href);
  address.searchParams.set('starts', first);
  address.searchParams.set('ends', last);
  // The click that follows would open the whole stretch.
  addEventListener('click', click => click.preventDefault(), { once: true, capture: true });
  location.assign(address);
});

addEventListener('keydown', event => {
  if (event.key !== 'Escape' || !drag) return;
  drag.mark?.remove();
  drag = null;
});
