// The floor as the editor knows it: sums with shapes, and the rows of the form behind them.
const NUMBER = /^-?\d{1,4}(?:[.,]\d{1,2})?$/;
const cm = text => (NUMBER.test(text.trim()) ? Math.round(parseFloat(text.trim().replace(',', '.')) * 100) : NaN);

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

  // Only boxes are compared here; the server compares all shapes, exactly.
  isOver(space) {
    if (!space.corners || !isBox(space.corners)) return false;
    const furniture = space.row.dataset.kind === 'desk';
    const one = boxOf(space.corners);
    return this.others(space).some(each => {
      if ((each.row.dataset.kind === 'desk') !== furniture || !isBox(each.corners)) return false;
      const other = boxOf(each.corners);
      return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
    });
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
