// Photos one after the other with a phone's own camera, in full resolution. The photo that was taken is shown; it goes
// to the list when the visitor takes the next one or is done, and is dropped when it is taken again.
const takings = new WeakMap();

export default function ({ parentElement: root, setTriggerValue }) {
  const taking = takings.get(root) ?? { photo: null, kept: 0 };
  takings.set(root, taking);
  const find = (selector) => root.querySelector(selector);
  const input = find("input"), picture = find("img"), words = find(".words");
  const listeners = new AbortController();
  const listen = (target, event, act) => target.addEventListener(event, act, { signal: listeners.signal });

  function draw() {
    find(".begin").hidden = taking.photo !== null;
    find(".go-on").hidden = taking.photo === null;
    picture.hidden = taking.photo === null;
    const put = taking.kept === 1 ? "1 photo is" : `${taking.kept} photos are`;
    words.textContent = taking.kept ? `${put} on the list.` : "";
  }

  function open() { input.value = ""; input.click(); }

  function forget() {
    URL.revokeObjectURL(picture.src);
    picture.removeAttribute("src");
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

  listen(input, "change", () => {
    if (!input.files.length) return;
    if (taking.photo) forget();
    taking.photo = input.files[0];
    picture.src = URL.createObjectURL(taking.photo);
    draw();
  });
  listen(find(".begin"), "click", open);
  listen(find(".again"), "click", open);
  listen(find(".next"), "click", () => { keep(); open(); });
  listen(find(".done"), "click", keep);
  draw();
  return () => listeners.abort();
}
