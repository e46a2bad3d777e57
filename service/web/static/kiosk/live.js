// The live picture: an MJPEG stream, or single pictures where the server has no stream to spare.
const NEXT_MS = 100;
const AGAIN_MS = 1500;
const STREAM_AGAIN = 100; // single pictures until the stream is tried again

/** Shows the picture of `root`/mirror in an img; `show(false)` takes it away and leaves none behind. */
export function liveMirror(img, root, query = "") {
  let wanted = false, streaming = false, count = 0, timer = 0;

  function fetchNext() {
    count += 1;
    streaming = streaming || count % STREAM_AGAIN === 0;
    img.src = `${root}/${streaming ? "mirror" : "picture"}?n=${count}${query}`; // browsers join streams of one address
  }

  img.addEventListener("load", () => {
    img.hidden = !wanted;
    if (wanted && !streaming) timer = setTimeout(fetchNext, NEXT_MS);
  });
  img.addEventListener("error", () => {
    img.hidden = true;
    if (wanted) timer = setTimeout(fetchNext, streaming ? NEXT_MS : AGAIN_MS);
    streaming = false;
  });
  return {
    show(on) {
      if (on === wanted) return;
      wanted = on;
      clearTimeout(timer);
      streaming = on;
      if (on) return fetchNext();
      img.hidden = true;
      img.removeAttribute("src");
    },
  };
}
