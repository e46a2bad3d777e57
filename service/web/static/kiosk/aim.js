// Which part of the camera's picture the mirror shows: the mirror stands upright, most cameras' pictures lie.

/** Moves the picture so that `person` (x1, y1, x2, y2 in shares of it) stands in the middle; null shows its middle.
 * `mark` is laid around them where `several` are in view, so that everybody sees whose result it is. */
export function aim(img, mark, person, several) {
  const across = (img.clientWidth * img.naturalHeight) / (img.clientHeight * img.naturalWidth); // share of the width in view
  const known = person && Number.isFinite(across);
  mark.hidden = !(known && several);
  if (!known) {
    img.style.objectPosition = "";
    return;
  }
  const width = Math.min(1, across), height = Math.min(1, 1 / across);
  const left = Math.min(1 - width, Math.max(0, (person[0] + person[2]) / 2 - width / 2)), top = (1 - height) / 2;
  img.style.objectPosition = width < 1 ? `${(100 * left) / (1 - width)}% 50%` : "";
  const [x1, y1, x2, y2] = person.map((share, n) => 100 * (n % 2 ? (share - top) / height : (share - left) / width));
  Object.assign(mark.style, { left: `${x1}%`, top: `${y1}%`, width: `${x2 - x1}%`, height: `${y2 - y1}%` });
}
