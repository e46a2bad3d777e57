// States as they come: Server-Sent Events, or asked for one by one where there is no stream to spare.
const ASK_MS = 500;
const AGAIN_MS = 2000;

/** Calls `take(state)` with each state, and with null where the server is gone; `revoked()` when this device is. */
export function follow(root, take, revoked, query = "") {
  let asked = 0;

  function listen() {
    const source = new EventSource(`${root}/events${query}`);
    source.addEventListener("state", (event) => take(JSON.parse(event.data)));
    source.addEventListener("revoked", () => { source.close(); revoked(); });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CONNECTING) return take(null); // the browser tries again by itself
      source.close();
      ask();
    });
  }

  async function ask() {
    const answer = await fetch(`${root}/state${query}`, { cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) return revoked();
    take(answer?.ok ? await answer.json() : null);
    asked += 1;
    setTimeout(asked % 20 ? ask : listen, answer?.ok ? ASK_MS : AGAIN_MS);
  }

  listen();
}
