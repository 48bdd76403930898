// Draws a floor.  The numbers in the form are the truth: this reads and writes them, and the
// form's own button saves.  Lengths are whole centimetres.
import { Floor, at, boxOf, isBox, rectangle, squareMetres } from './shapes.js';

const SVG = 'http://www.w3.org/2000/svg';
const SNAP_PX = 9;
const HANDLE_PX = matchMedia('(pointer: coarse)').matches ? 13 : 7;
const USUAL = [400, 300];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const form = document.getElementById('draw');
const svg = document.getElementById('board');
const pick = document.getElementById('pick');
const gridField = document.getElementById('grid');
const told = document.getElementById('draw-told');
const tools = Object.fromEntries([...form.querySelectorAll('[data-tool]')]
  .map(button => [button.dataset.tool, button]));
const make = (name, attributes = {}, parent = svg) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
};

const floor = new Floor(form);
const grid = () => +gridField.value;
const undone = [];
let chosen = null;
let corner = null; // the handle that was touched last
let drag = null;

// --- the picture

const layers = {};
function prepare() {
  svg.replaceChildren();
  const defs = make('defs');
  const pattern = make('pattern', { id: 'grid-lines', patternUnits: 'userSpaceOnUse' }, defs);
  layers.line = make('path', {}, pattern);
  layers.pattern = pattern;
  layers.ground = make('rect', { class: 'ground' });
  layers.grid = make('rect', { class: 'ground-grid' });
  if (svg.dataset.underlay) {
    layers.underlay = make('image', { class: 'underlay', href: svg.dataset.underlay });
  }
  layers.wall = make('rect', { class: 'wall' });
  layers.spaces = make('g');
  layers.handles = make('g');
  for (const space of floor.spaces) {
    const group = make('g', { class: 'spot is-room', tabindex: '0', role: 'button' }, layers.spaces);
    space.group = group;
    space.polygon = make('polygon', {}, group);
    space.label = make('text', { class: 'name' }, group);
    group.addEventListener('focus', () => choose(space));
    group.addEventListener('dblclick', () => rename(space));
  }
}

const scale = () => (floor.width * 1.05) / (svg.clientWidth || 800); // centimetres in a pixel

function show() {
  const { width, depth } = floor;
  const margin = Math.max(width / 40, 10); // with room for handles
  svg.setAttribute('viewBox', `${-margin} ${-margin} ${width + 2 * margin} ${depth + 2 * margin}`);
  for (const name of ['ground', 'grid', 'wall', 'underlay']) {
    layers[name]?.setAttribute('width', width);
    layers[name]?.setAttribute('height', depth);
  }
  const step = Math.max(grid(), 100);
  layers.pattern.setAttribute('width', step);
  layers.pattern.setAttribute('height', step);
  layers.line.setAttribute('d', `M${step} 0H0V${step}`);
  for (const space of floor.spaces) showSpace(space);
  showHandles();
}

function showSpace(space) {
  const { group, polygon, label, corners, name } = space;
  group.style.display = corners ? '' : 'none';
  if (!corners) return;
  polygon.setAttribute('points', corners.map(each => each.join()).join(' '));
  const { left, top, right, bottom } = boxOf(corners);
  const size = Math.min(floor.width * 0.014, (right - left) / (name.length * 0.6 + 1));
  label.textContent = name;
  label.setAttribute('font-size', Math.round(size));
  label.setAttribute('x', (left + right) / 2);
  label.setAttribute('y', (top + bottom) / 2 + size / 3);
  group.setAttribute('aria-label', words(space));
  group.classList.toggle('is-chosen', space === chosen);
  group.classList.toggle('is-over', floor.isOver(space));
}

function showHandles() {
  const corners = chosen?.corners ?? [];
  while (layers.handles.childElementCount > corners.length) layers.handles.lastChild.remove();
  while (layers.handles.childElementCount < corners.length) {
    const handle = make('circle', { class: 'handle', tabindex: '0', role: 'button' }, layers.handles);
    handle.addEventListener('focus', () => { corner = indexOf(handle); mark(); });
  }
  [...layers.handles.children].forEach((handle, index) => {
    handle.setAttribute('cx', corners[index][0]);
    handle.setAttribute('cy', corners[index][1]);
    handle.setAttribute('r', HANDLE_PX * scale());
    handle.setAttribute('aria-label', `${chosen.name} ${index + 1}: ${corners[index].map(at).join(' ')}`);
  });
  mark();
}

const indexOf = handle => [...layers.handles.children].indexOf(handle);

function mark() {
  [...layers.handles.children].forEach((handle, index) => {
    handle.classList.toggle('is-chosen', index === corner);
  });
  tools.corner.disabled = !chosen?.corners;
  tools.remove.disabled = !chosen?.corners;
  tools.place.hidden = !chosen || Boolean(chosen.corners);
  tools.undo.disabled = !undone.length;
  svg.classList.toggle('is-drawing', Boolean(chosen && !chosen.corners));
}

// --- what is said

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

function words(space) {
  const { left, top, right, bottom } = boxOf(space.corners);
  return fill(isBox(space.corners) ? form.dataset.area : form.dataset.polygon, {
    name: space.name,
    x: at(left),
    y: at(top),
    width: at(right - left),
    depth: at(bottom - top),
    corners: space.corners.length,
    area: squareMetres(space.corners),
  });
}

function tell(space = chosen) {
  told.textContent = space?.corners ? words(space) : '';
}

// --- choosing and changing

function choose(space) {
  if (chosen === space) return;
  chosen?.row.classList.remove('is-chosen');
  chosen = space;
  corner = null;
  chosen?.row.classList.add('is-chosen');
  chosen?.row.closest('details')?.setAttribute('open', '');
  pick.value = chosen?.id ?? '';
  if (chosen?.corners) layers.spaces.append(chosen.group); // what is worked at lies on top
  show();
  tell();
}

function list() {
  const groups = [pick.querySelector('[data-drawn]'), pick.querySelector('[data-undrawn]')];
  for (const group of groups) group.replaceChildren();
  for (const space of floor.spaces) {
    groups[space.corners ? 0 : 1].append(new Option(space.name, space.id));
  }
  pick.value = chosen?.id ?? '';
}

// Each change can be taken back; a run of arrow keys is one.
function remember(space, kind) {
  const last = undone.at(-1);
  if (last && kind === 'key' && last.kind === 'key' && last.space === space) return;
  undone.push({ space, kind, name: space.name, corners: space.corners });
}

function set(space, corners, kind) {
  remember(space, kind);
  const began = space.corners === null || corners === null;
  space.corners = corners;
  space.write();
  if (began) list();
  show();
  tell(space);
}

function undo() {
  const last = undone.pop();
  if (!last) return;
  Object.assign(last.space, { name: last.name, corners: last.corners });
  last.space.write();
  list();
  choose(last.space);
  show();
  tell();
}

function remove() {
  if (!chosen?.corners) return;
  const gone = chosen;
  set(gone, null);
  told.textContent = fill(form.dataset.gone, { name: gone.name });
}

function rename(space) {
  choose(space);
  const field = space.row.querySelector('[data-side=name]');
  field.focus();
  field.select();
}

function place() {
  if (!chosen || chosen.corners) return;
  const [width, depth] = USUAL.map((side, nth) => Math.min(side, [floor.width, floor.depth][nth]));
  set(chosen, floor.freePlace(chosen, width, depth));
  chosen.group.focus();
}

function oneCornerMore() {
  const { corners } = chosen;
  const from = corner ?? floor.longestWall(corners);
  const to = (from + 1) % corners.length;
  const middle = [0, 1].map(axis => Math.round((corners[from][axis] + corners[to][axis]) / 2));
  set(chosen, corners.toSpliced(from + 1, 0, middle));
  corner = from + 1;
  layers.handles.children[corner].focus();
}

function moveCorner(corners, index, [x, y]) {
  if (!isBox(corners)) return corners.with(index, [x, y]);
  const [ox, oy] = corners[(index + 2) % 4];
  if (x === ox || y === oy) return corners;
  // Each corner keeps its place in the round, so that the handle stays under the finger.
  return corners.map((each, nth) => {
    if (nth === index) return [x, y];
    if (nth === (index + 2) % 4) return [ox, oy];
    return each[0] === corners[index][0] ? [x, oy] : [ox, y];
  });
}

// --- pointer

function pointOf({ clientX, clientY }) {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [x, y];
}

svg.addEventListener('pointerdown', event => {
  if (event.button) return;
  const handle = event.target.closest('.handle');
  const space = floor.spaces.find(each => each.group === event.target.closest('.spot'));
  const from = pointOf(event);
  if (handle) drag = { index: indexOf(handle), space: chosen, from, was: chosen.corners };
  else if (chosen && !chosen.corners) drag = { draft: make('rect', { class: 'draft' }), from };
  else if (space) {
    choose(space);
    drag = { space, from, was: space.corners };
  } else return;
  event.preventDefault();
  (handle ?? (drag.draft ? svg : space.group)).focus({ preventScroll: true });
  svg.setPointerCapture(event.pointerId);
});

svg.addEventListener('pointermove', event => {
  if (!drag) return;
  const [x, y] = pointOf(event);
  const near = SNAP_PX * scale();
  if (drag.draft) {
    drag.box = rectangle(floor.snap(drag.from, null, grid(), near), floor.snap([x, y], null, grid(), near));
    const { left, top, right, bottom } = boxOf(drag.box);
    for (const [key, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) {
      drag.draft.setAttribute(key, value);
    }
    return;
  }
  drag.space.corners = drag.index === undefined
    ? floor.moved(drag.was, [x - drag.from[0], y - drag.from[1]], drag.space, grid(), near)
    : moveCorner(drag.was, drag.index, floor.snap([x, y], drag.space, grid(), near));
  show();
  tell(drag.space);
});

function finish(event) {
  if (!drag) return;
  const { draft, box, space, was } = drag;
  drag = null;
  draft?.remove();
  if (event.type === 'pointercancel') {
    if (space) space.corners = was;
    show();
  } else if (draft) {
    const { left, top, right, bottom } = boxOf(box ?? [[0, 0]]);
    if (right > left && bottom > top) {
      const drawn = chosen;
      set(drawn, box);
      drawn.group.focus();
    }
  } else if (space.corners.join() !== was.join()) {
    const now = space.corners;
    space.corners = was;
    set(space, now);
  }
}
// A finger on a space drags it, anywhere else it scrolls.
svg.addEventListener('touchstart', event => { if (drag) event.preventDefault(); }, { passive: false });
svg.addEventListener('pointerup', finish);
svg.addEventListener('pointercancel', finish);
svg.addEventListener('dragstart', event => event.preventDefault());

// --- keyboard

svg.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'z') {
    event.preventDefault();
    undo();
    return;
  }
  if (!chosen?.corners || event.ctrlKey || event.metaKey || event.altKey) return;
  const handle = event.target.closest('.handle');
  const step = STEPS[event.key]?.map(each => each * grid());
  if (step && handle) {
    const index = indexOf(handle);
    const to = floor.within([0, 1].map(axis => chosen.corners[index][axis] + step[axis]));
    set(chosen, moveCorner(chosen.corners, index, to), 'key');
  } else if (step && event.shiftKey) {
    set(chosen, floor.resized(chosen.corners, step), 'key');
  } else if (step) {
    set(chosen, floor.shifted(chosen.corners, step), 'key');
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    if (handle && chosen.corners.length > 3) set(chosen, chosen.corners.toSpliced(indexOf(handle), 1));
    else if (!handle) remove();
  } else if (event.key === 'Enter' || event.key === 'F2') {
    rename(chosen);
  } else return;
  event.preventDefault();
});

// --- the form around it

form.addEventListener('input', event => {
  const space = floor.spaces.find(each => each.row.contains(event.target));
  if (space) {
    remember(space, 'key');
    space.read();
    list();
  } else floor.readSize();
  show();
  tell();
});
pick.addEventListener('change', () => choose(floor.spaces.find(each => each.id === pick.value) ?? null));
gridField.addEventListener('change', show);
tools.undo.addEventListener('click', undo);
tools.remove.addEventListener('click', remove);
tools.corner.addEventListener('click', oneCornerMore);
tools.place.addEventListener('click', place);
addEventListener('resize', showHandles);

// --- what is not saved yet

const drawn = () => JSON.stringify([floor.width, floor.depth,
  floor.spaces.map(({ name, corners }) => [name, corners])]);
const before = form.dataset.unsaved === undefined ? drawn() : ''; // what was refused is not stored
let saving = false;
form.addEventListener('submit', () => { saving = true; });
addEventListener('beforeunload', event => {
  if (!saving && drawn() !== before) event.preventDefault();
});

for (const part of form.querySelectorAll('.scripted')) part.hidden = false;
form.classList.add('is-scripted');
prepare();
list();
show();
