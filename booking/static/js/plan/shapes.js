// The floor as the editor knows it: sums with shapes, and the rows of the form behind them.
const NUMBER = /^-?\d{1,4}(?:[.,]\d{1,2})?$/;
const cm = text => (NUMBER.test(text.trim()) ? Math.round(parseFloat(text.trim().replace(',', '.')) * 100) : NaN);

const NEAR = 1e-6;

export const at = value => String(Math.round(value) / 100);

export function boxOf(corners) {
  const [xs, ys] = [0, 1].map(axis => corners.map(each => each[axis]));
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export function rectangle([ax, ay], [bx, by]) {
  const { left, top, right, bottom } = boxOf([[ax, ay], [bx, by]]);
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

export function isBox(corners) {
  const { left, top, right, bottom } = boxOf(corners);
  const edges = new Set(corners.map(String));
  return corners.length === 4 && edges.size === 4
    && corners.every(([x, y]) => (x === left || x === right) && (y === top || y === bottom));
}

export function squareMetres(corners) {
  const sum = corners.reduce((total, [x, y], nth) => {
    const [nx, ny] = corners[(nth + 1) % corners.length];
    return total + x * ny - nx * y;
  }, 0);
  return (Math.abs(sum) / 20_000).toFixed(2);
}

// --- do two shapes have a point of their interiors in common?

const wallsOf = corners => corners.map((each, nth) => [each, corners[(nth + 1) % corners.length]]);
const sideOf = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
const between = (value, a, b) => value >= Math.min(a, b) - NEAR && value <= Math.max(a, b) + NEAR;
const isOn = (point, [a, b]) => {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  return Math.abs(sideOf(a, b, point)) / length < NEAR
    && between(point[0], a[0], b[0]) && between(point[1], a[1], b[1]);
};

function isInside(point, corners) {
  const [x, y] = point;
  let inside = false;
  for (const [a, b] of wallsOf(corners)) {
    if (isOn(point, [a, b])) return false;
    if ((a[1] > y) !== (b[1] > y) && a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1]) > x) inside = !inside;
  }
  return inside;
}

// The middles of the pieces into which other walls cut one.
function middles([a, b], others) {
  const along = point => (Math.abs(b[0] - a[0]) > Math.abs(b[1] - a[1])
    ? (point[0] - a[0]) / (b[0] - a[0]) : (point[1] - a[1]) / (b[1] - a[1]));
  const cuts = [0, 1];
  for (const [c, d] of others) {
    for (const end of [c, d]) if (isOn(end, [a, b])) cuts.push(along(end));
    const [atC, atD] = [sideOf(a, b, c), sideOf(a, b, d)];
    if (atC * atD < 0) {
      const t = atC / (atC - atD);
      const point = [c[0] + t * (d[0] - c[0]), c[1] + t * (d[1] - c[1])];
      if (isOn(point, [a, b])) cuts.push(along(point));
    }
  }
  cuts.sort((one, other) => one - other);
  return cuts.slice(1).map((cut, nth) => (cut + cuts[nth]) / 2)
    .map(t => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
}

const runsInside = (one, other) => wallsOf(one)
  .some(wall => middles(wall, wallsOf(other)).some(middle => isInside(middle, other)));

function innerPoint(corners) {
  const [first, second] = [...new Set(corners.map(each => each[1]))].sort((a, b) => a - b);
  const y = (first + second) / 2;
  const crossed = wallsOf(corners).filter(([a, b]) => (a[1] > y) !== (b[1] > y))
    .map(([a, b]) => a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1])).sort((a, b) => a - b);
  return [(crossed[0] + crossed[1]) / 2, y];
}

function overlap(one, other) {
  const [a, b] = [boxOf(one), boxOf(other)];
  if (a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom) return false;
  if (isBox(one) && isBox(other)) return true;
  return runsInside(one, other) || runsInside(other, one) || isInside(innerPoint(one), other);
}

// A space with its row in the form.
class Space {
  constructor(row) {
    this.row = row;
    this.id = row.dataset.space;
    this.fields = Object.fromEntries([...row.querySelectorAll('[data-side]')]
      .map(field => [field.dataset.side, field]));
    this.read();
  }

  // What is half typed keeps the shape there was.
  read() {
    const { name, corners, x, y, width, depth } = this.fields;
    this.name = name.value;
    if (corners.value.trim()) {
      const found = corners.value.split(/[;\n]/).filter(each => each.trim())
        .map(each => each.trim().split(/\s+/).map(cm));
      if (found.length > 2 && found.every(each => each.length === 2 && !each.some(isNaN))) this.corners = found;
    } else {
      const [left, top, wide, deep] = [x, y, width, depth].map(field => cm(field.value));
      if (![left, top, wide, deep].some(isNaN) && wide > 0 && deep > 0) {
        this.corners = rectangle([left, top], [left + wide, top + deep]);
      } else if (![x, y, width, depth].some(field => field.value.trim())) this.corners = null;
    }
    this.corners ??= null;
  }

  write() {
    const box = this.corners && isBox(this.corners) ? boxOf(this.corners) : null;
    const sides = box
      ? [box.left, box.top, box.right - box.left, box.bottom - box.top].map(at) : ['', '', '', ''];
    ['x', 'y', 'width', 'depth'].forEach((side, nth) => { this.fields[side].value = sides[nth]; });
    this.fields.corners.value = this.corners && !box
      ? this.corners.map(each => each.map(at).join(' ')).join('; ') : '';
    this.fields.name.value = this.name;
  }
}

export class Floor {
  constructor(form) {
    this.form = form;
    this.width = 2_000;
    this.depth = 1_000;
    this.readSize();
    this.spaces = [...form.querySelectorAll('[data-space]')].map(row => new Space(row));
  }

  readSize() {
    const [width, depth] = ['width_m', 'depth_m'].map(name => cm(this.form.elements[name].value));
    if (width >= 100) this.width = width;
    if (depth >= 100) this.depth = depth;
  }

  others(space) {
    return this.spaces.filter(each => each !== space && each.corners);
  }

  // Walls that something may lean on, along one axis.
  walls(axis, space) {
    const edge = axis ? this.depth : this.width;
    return [0, edge, ...this.others(space).flatMap(each => each.corners.map(corner => corner[axis]))];
  }

  within([x, y]) {
    return [Math.min(Math.max(x, 0), this.width), Math.min(Math.max(y, 0), this.depth)];
  }

  // A neighbour's wall is nearer than the grid.
  snap(point, space, grid, near) {
    return this.within([0, 1].map(axis => {
      const walls = this.walls(axis, space).sort((a, b) => Math.abs(a - point[axis]) - Math.abs(b - point[axis]));
      return Math.abs(walls[0] - point[axis]) <= near ? walls[0] : Math.round(point[axis] / grid) * grid;
    }));
  }

  shifted(corners, [dx, dy]) {
    const { left, top, right, bottom } = boxOf(corners);
    const [x, y] = [Math.min(Math.max(dx, -left), this.width - right), Math.min(Math.max(dy, -top), this.depth - bottom)];
    return corners.map(([cx, cy]) => [cx + x, cy + y]);
  }

  // Moved by the pointer: either side may find a wall, else the first one finds the grid.
  moved(corners, by, space, grid, near) {
    const box = boxOf(corners);
    const sides = [[box.left, box.right], [box.top, box.bottom]];
    return this.shifted(corners, [0, 1].map(axis => {
      let best = Math.round((sides[axis][0] + by[axis]) / grid) * grid - sides[axis][0];
      let least = near;
      for (const side of sides[axis]) {
        for (const wall of this.walls(axis, space)) {
          const off = Math.abs(wall - side - by[axis]);
          if (off < least) [best, least] = [wall - side, off];
        }
      }
      return best;
    }));
  }

  // The right and the lower walls go along; at least one step is left.
  resized(corners, [dx, dy]) {
    const { left, top, right, bottom } = boxOf(corners);
    return corners.map(([x, y]) => this.within([
      x === right && right + dx > left ? x + dx : x,
      y === bottom && bottom + dy > top ? y + dy : y,
    ]));
  }

  longestWall(corners) {
    const lengths = corners.map(([x, y], nth) => {
      const [nx, ny] = corners[(nth + 1) % corners.length];
      return Math.hypot(nx - x, ny - y);
    });
    return lengths.indexOf(Math.max(...lengths));
  }

  // As the server has it, which compares exactly and has the last word.
  isOver(space) {
    if (!space.corners) return false;
    const furniture = space.row.dataset.kind === 'desk';
    return this.others(space).some(each =>
      (each.row.dataset.kind === 'desk') === furniture && overlap(space.corners, each.corners));
  }

  freePlace(space, width, depth) {
    for (let y = 0; y + depth <= this.depth; y += 100) {
      for (let x = 0; x + width <= this.width; x += 100) {
        const corners = rectangle([x, y], [x + width, y + depth]);
        if (!this.others(space).some(each => {
          const box = boxOf(each.corners);
          return x < box.right && box.left < x + width && y < box.bottom && box.top < y + depth;
        })) return corners;
      }
    }
    return rectangle([0, 0], [width, depth]);
  }
}
