// Photos one after the other with a phone's own camera, in full resolution. The photo that was taken is shown; it goes
// to the list when the visitor takes the next one or is done, and is dropped when it is taken again.
const takings = new WeakMap();

export default function ({ parentElement: root, setTriggerValue }) {
  const taking = takings.get(root) ?? { photo: null, kept: 0, stop: () => {} };
  takings.set(root, taking);
  taking.stop(); // the same element is drawn again and again
  const find = (selector) => root.querySelector(selector);
  const listeners = new AbortController();
  const listen = (target, event, act) => target.addEventListener(event, act, { signal: listeners.signal });

  function draw() {
    find(".begin").hidden = taking.photo !== null;
    find(".go-on").hidden = taking.photo === null;
    find("img").hidden = taking.photo === null;
    const put = taking.kept === 1 ? "1 photo is" : `${taking.kept} photos are`;
    find(".words").textContent = taking.kept ? `${put} on the list.` : "";
  }

  function open() {
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept: "image/*", hidden: true });
    input.setAttribute("capture", "environment"); // an attribute: computers' browsers know no such property
    // Not by `listen`: the page may be drawn again while the camera is open.
    input.addEventListener("change", () => { take(input.files[0]); input.remove(); });
    input.addEventListener("cancel", () => input.remove());
    root.append(input);
    input.click();
  }

  function take(photo) {
    if (taking.photo) forget();
    taking.photo = photo;
    find("img").src = URL.createObjectURL(photo);
    draw();
  }

  function forget() {
    URL.revokeObjectURL(find("img").src);
    find("img").removeAttribute("src");
    taking.photo = null;
  }

  function keep() {
    const photo = taking.photo, reader = new FileReader();
    taking.kept += 1;
    reader.onload = () => setTriggerValue("shot", { type: photo.type, data: reader.result.split(",")[1] });
    reader.readAsDataURL(photo);
    forget();
    draw();
  }

  listen(find(".begin"), "click", open);
  listen(find(".again"), "click", open);
  listen(find(".next"), "click", () => { keep(); open(); });
  listen(find(".done"), "click", keep);
  draw();
  taking.stop = () => listeners.abort();
  return taking.stop;
}
