/** The gateway sends its state every second; after this long without one, nothing is known. */
const SILENT_AFTER_MS = 4_000;

/**
 * So long a stream is waited for before another is opened. A browser tries again by itself only where no answer came: a
 * proxy that says 502 for a dead gateway ends its stream for good.
 */
const REOPEN_AFTER_MS = 5_000;

/**
 * Listens to a server-sent stream of the gateway until the page is left. It takes up where it broke off.
 *
 * @template {Record<string, unknown>} Events the data of each event by its name
 * @param {string} url which takes the id of the last event as `after`
 * @param {{ [Name in keyof Events]: (data: Events[Name]) => void }} handlers
 * @param {() => void} onSilence called once when the stream broke off or fell silent, until it is heard again
 * @returns {() => void} stops listening
 */
export function listen(url, handlers, onSilence) {
  let lastId = '';
  let silent = false;
  /** @type {number | undefined} */
  let timer;
  /** @type {EventSource} */
  let source;
  const silence = () => {
    clearTimeout(timer);
    timer = setTimeout(reopen, REOPEN_AFTER_MS);
    if (silent) return;
    silent = true;
    onSilence();
  };
  const heard = () => {
    silent = false;
    clearTimeout(timer);
    timer = setTimeout(silence, SILENT_AFTER_MS);
  };
  const open = () => {
    source = new EventSource(lastId === '' ? url : `${url}?after=${encodeURIComponent(lastId)}`);
    for (const name of /** @type {(keyof Events & string)[]} */ (Object.keys(handlers))) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        heard();
        lastId = lastEventId;
        /** @type {Events[typeof name]} */
        const told = JSON.parse(String(data));
        handlers[name](told);
      });
    }
    source.addEventListener('error', silence);
  };
  const reopen = () => {
    source.close();
    open();
    silence();
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
