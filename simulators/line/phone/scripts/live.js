/**
 * What happens on the platform, as it happens. The browser reconnects by itself and names the last event it saw, so it
 * misses none. Some browsers give up when the platform is away for a while; then this starts again from the last event.
 */

const KINDS = ["snapshot", "account", "person", "entries", "request"];
const AGAIN_AFTER_MS = 1000;

/** Calls `handlers[kind](content)` for each event, and `handlers.state("live" | "reconnecting")`. */
export function watch(handlers) {
  let last = "";

  function connect() {
    const source = new EventSource(`/_sim/events?${new URLSearchParams({ after: last })}`);
    source.onopen = () => handlers.state("live");
    source.onerror = () => {
      handlers.state("reconnecting");
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_AFTER_MS);
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        last = event.lastEventId;
        handlers[kind](JSON.parse(event.data));
      });
    }
  }

  connect();
}
