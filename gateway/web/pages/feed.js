/** The gateway sends its state every second; after this long without one, nothing is known. */
const SILENT_AFTER_MS = 4_000;

/**
 * Listens to a server-sent stream of the gateway until the page is left.
 *
 * @template {Record<string, unknown>} Events the data of each event by its name
 * @param {string} url
 * @param {{ [Name in keyof Events]: (data: Events[Name]) => void }} handlers
 * @param {() => void} onSilence called once when the stream broke off or fell silent, until it is heard again
 * @returns {() => void} stops listening
 */
export function listen(url, handlers, onSilence) {
  const source = new EventSource(url);
  /** @type {number | undefined} */
  let timer;
  let silent = false;
  const silence = () => {
    clearTimeout(timer);
    if (silent) return;
    silent = true;
    onSilence();
  };
  const heard = () => {
    silent = false;
    clearTimeout(timer);
    timer = setTimeout(silence, SILENT_AFTER_MS);
  };
  for (const name of /** @type {(keyof Events & string)[]} */ (Object.keys(handlers))) {
    source.addEventListener(name, ({ data }) => {
      heard();
      /** @type {Events[typeof name]} */
      const told = JSON.parse(String(data));
      handlers[name](told);
    });
  }
  source.addEventListener('error', silence);
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
