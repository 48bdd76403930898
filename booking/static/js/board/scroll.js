// While something is dragged near an edge, what lies beyond comes into sight.
import { board } from './grid.js';

const EDGE_PX = 48;
const SPEED_PX = 9;
let frame = 0;

const pull = (at, low, high) => (at < low + EDGE_PX ? -SPEED_PX : at > high - EDGE_PX ? SPEED_PX : 0);

export function stopFollowing() {
  cancelAnimationFrame(frame);
  frame = 0;
}

// Scrolls the board, where it scrolls by itself, or the window; calls `draw` after each step.
export function follow(x, y, draw) {
  stopFollowing();
  const box = board().getBoundingClientRect();
  const byItself = board().scrollHeight > board().clientHeight + 1
    || board().scrollWidth > board().clientWidth + 1;
  const target = byItself ? board() : document.scrollingElement;
  const [top, bottom] = byItself ? [box.top, box.bottom] : [0, innerHeight];
  const by = { left: byItself ? pull(x, box.left, box.right) : 0, top: pull(y, top, bottom) };
  if (!by.left && !by.top) return;
  const step = () => {
    target.scrollBy(by);
    draw(x, y);
    frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
}
