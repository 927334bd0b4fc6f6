// Two photos in one frame: linked zoom and pan, flicker, wipe, and points that the visitor gives.
// A view is (x, y, k): how far it is moved, in shares of the pane's width, and how far it is zoomed.
const MOST = 16, STEP = 1.25, BEAT = 900; // ms: slow enough not to flash
const views = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  const view = views.get(root) ?? { x: 0, y: 0, k: 1, mode: "beside", wipe: 50, second: false, of: "", stop: () => {} };
  views.set(root, view);
  view.stop(); // the same element is drawn again and again
  if (view.of !== data.key) Object.assign(view, { x: 0, y: 0, k: 1, second: false, of: data.key });
  if (!data.aligned) view.mode = "beside";
  const find = (selector) => root.querySelector(selector);
  const panes = [...root.querySelectorAll(".pane")];
  const [first] = data.photos;
  const listeners = new AbortController();
  const listen = (target, event, act, options) =>
    target.addEventListener(event, act, { signal: listeners.signal, ...options });

  // What is drawn

  const modes = { beside: "Side by side", flicker: "Flicker", wipe: "Wipe" };
  find(".modes").replaceChildren(
    ...Object.entries(modes).map(([mode, label]) => {
      const button = document.createElement("button");
      button.textContent = label;
      button.dataset.mode = mode;
      button.setAttribute("role", "radio");
      button.disabled = mode !== "beside" && !data.aligned;
      button.hidden = button.disabled;
      listen(button, "click", () => { view.mode = mode; draw(); });
      return button;
    }),
  );
  for (const pane of panes) {
    pane.replaceChildren();
    pane.style.aspectRatio = `${first.width} / ${first.height}`;
    for (const photo of data.photos) pane.append(makeLayer(photo));
    pane.append(make("div", "caption"), make("div", "caption right"), make("div", "edge"), make("div", "cross"));
  }

  function make(tag, name) {
    const element = document.createElement(tag);
    element.className = name;
    return element;
  }

  function makeLayer(photo) {
    const layer = make("div", "layer"), moved = make("div", "moved"), image = make("img", "");
    image.src = photo.source;
    image.alt = photo.name;
    image.draggable = false;
    moved.style.width = `${photo.width}px`;
    moved.style.height = `${photo.height}px`;
    moved.append(image);
    if (photo.outline.length) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", `0 0 ${photo.width} ${photo.height}`);
      svg.setAttribute("aria-hidden", "true");
      for (const name of ["halo", "line"]) {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
        line.setAttribute("class", name);
        line.setAttribute("points", photo.outline.map((place) => place.join(",")).join(" "));
        svg.append(line);
      }
      moved.append(svg);
    }
    layer.append(moved);
    return layer;
  }

  function scaleOf(pane) { return pane.clientWidth / first.width; }

  function toPane(pane, photo, [x, y]) { // pixels of a photo -> of the pane
    const [a, b, c, d, e, f] = photo.matrix, s = scaleOf(pane), w = pane.clientWidth;
    return [view.x * w + view.k * s * (a * x + c * y + e), view.y * w + view.k * s * (b * x + d * y + f)];
  }

  function toPhoto(pane, photo, [x, y]) { // the way back
    const [a, b, c, d, e, f] = photo.matrix, s = scaleOf(pane) * view.k, w = pane.clientWidth;
    const u = (x - view.x * w) / s - e, v = (y - view.y * w) / s - f, whole = a * d - b * c;
    return [(d * u - c * v) / whole, (a * v - b * u) / whole];
  }

  function draw() {
    const single = view.mode !== "beside";
    find(".panes").classList.toggle("single", single);
    find(".wiping").hidden = view.mode !== "wipe";
    find(".flickering").hidden = view.mode !== "flicker";
    for (const button of root.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-checked", String(button.dataset.mode === view.mode));
    }
    panes.forEach((pane, place) => {
      pane.classList.toggle("picking", data.picking);
      pane.classList.toggle("zoomed", view.k > 1 || data.picking);
      const layers = pane.querySelectorAll(".layer"), captions = pane.querySelectorAll(".caption");
      const edge = pane.querySelector(".edge"), w = pane.clientWidth;
      data.photos.forEach((photo, i) => {
        const [a, b, c, d, e, f] = photo.matrix, zoom = view.k * scaleOf(pane);
        layers[i].firstChild.style.transform =
          `translate(${view.x * w}px, ${view.y * w}px) scale(${zoom}) matrix(${a}, ${b}, ${c}, ${d}, ${e}, ${f})`;
        layers[i].hidden = single ? view.mode === "flicker" && i !== Number(view.second) : i !== place;
        layers[i].style.clipPath = single && view.mode === "wipe" && i === 1 ? `inset(0 0 0 ${view.wipe}%)` : "";
      });
      edge.hidden = view.mode !== "wipe";
      edge.style.left = `calc(${view.wipe}% - 1px)`;
      const shown = single ? Number(view.second) : place;
      captions[0].textContent = data.photos[view.mode === "wipe" ? 0 : shown].caption;
      captions[1].textContent = data.photos[1].caption;
      captions[1].hidden = view.mode !== "wipe";
      const words = single ? "Both photos in one frame" : data.photos[place].name;
      pane.setAttribute("aria-label", `${words}. Arrows move, plus and minus zoom${data.picking ? ", Enter sets a point in the middle" : ""}.`);
      pane.querySelectorAll(".mark").forEach((mark) => mark.remove());
      if (!single) data.photos[place].points.forEach((point, number) => {
        const mark = make("div", "mark"), [x, y] = toPane(pane, data.photos[place], point);
        mark.style.left = `${x}px`;
        mark.style.top = `${y}px`;
        mark.textContent = number + 1;
        pane.append(mark);
      });
    });
    find(".now").textContent = view.mode === "flicker" ? `Now: ${data.photos[Number(view.second)].caption}` : "";
  }

  // What the visitor does

  function zoom(factor, at = [0.5, (0.5 * first.height) / first.width]) { // at: shares of the pane's width
    const k = Math.min(Math.max(view.k * factor, 1), MOST), by = k / view.k;
    view.x = at[0] - (at[0] - view.x) * by;
    view.y = at[1] - (at[1] - view.y) * by;
    view.k = k;
    move(0, 0);
  }

  function move(dx, dy) {
    const tall = first.height / first.width, slack = data.picking ? 0.5 : 0;
    view.x = Math.min(Math.max(view.x + dx, 1 - view.k - slack), slack);
    view.y = Math.min(Math.max(view.y + dy, (1 - view.k) * tall - slack), slack);
    draw();
  }

  function show(second) { view.second = second; draw(); }

  const acts = {
    in: () => zoom(STEP), out: () => zoom(1 / STEP), other: () => show(!view.second),
    reset: () => { Object.assign(view, { x: 0, y: 0, k: 1 }); draw(); },
  };
  for (const button of root.querySelectorAll("button[data-do]")) listen(button, "click", acts[button.dataset.do]);
  const wiper = find("input[type=range]"), alternate = find("input[type=checkbox]");
  wiper.value = view.wipe;
  listen(wiper, "input", () => { view.wipe = Number(wiper.value); draw(); });
  const beat = setInterval(() => { if (view.mode === "flicker" && alternate.checked) show(!view.second); }, BEAT);

  function pick(pane, at) {
    const which = panes.indexOf(pane), photo = data.photos[which], [x, y] = toPhoto(pane, photo, at);
    if (x >= 0 && y >= 0 && x < photo.width && y < photo.height) setTriggerValue("point", { photo: which, x, y });
  }

  for (const pane of panes) {
    const fingers = new Map();
    let travelled = 0;
    const within = (event) => {
      const box = pane.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    listen(pane, "wheel", (event) => {
      event.preventDefault();
      const w = pane.clientWidth, [x, y] = within(event);
      zoom(Math.exp(-event.deltaY / 500), [x / w, y / w]);
    }, { passive: false });
    listen(pane, "pointerdown", (event) => {
      travelled = fingers.size ? Infinity : 0;
      fingers.set(event.pointerId, within(event));
      pane.setPointerCapture(event.pointerId);
    });
    listen(pane, "pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      const before = fingers.get(event.pointerId), now = within(event), w = pane.clientWidth;
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      fingers.set(event.pointerId, now);
      travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (other) {
        const apart = (place) => Math.max(Math.hypot(place[0] - other[0], place[1] - other[1]), 1);
        zoom(apart(now) / apart(before), [(now[0] + other[0]) / 2 / w, (now[1] + other[1]) / 2 / w]);
      } else if (view.k > 1 || data.picking) {
        move((now[0] - before[0]) / w, (now[1] - before[1]) / w);
      }
    });
    for (const end of ["pointerup", "pointercancel"]) listen(pane, end, (event) => {
      const there = fingers.delete(event.pointerId);
      if (there && end === "pointerup" && data.picking && travelled < 6) pick(pane, within(event));
    });
    listen(pane, "keydown", (event) => {
      const arrows = { ArrowLeft: [0.05, 0], ArrowRight: [-0.05, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] };
      if (arrows[event.key]) move(...arrows[event.key]);
      else if (event.key === "+" || event.key === "=") zoom(STEP);
      else if (event.key === "-") zoom(1 / STEP);
      else if (event.key === "0") acts.reset();
      else if (event.key === " " && view.mode === "flicker") acts.other();
      else if (event.key === "Enter" && data.picking) pick(pane, [pane.clientWidth / 2, pane.clientHeight / 2]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  const sizes = new ResizeObserver(draw);
  panes.forEach((pane) => sizes.observe(pane));
  draw();
  view.stop = () => { clearInterval(beat); sizes.disconnect(); listeners.abort(); };
  return view.stop;
}
