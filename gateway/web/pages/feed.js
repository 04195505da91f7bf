/** The gateway sends its state every second; after this long without one, nothing is known. */
const SILENT_AFTER_MS = 4_000;

/**
 * Listens to a server-sent stream of the gateway until the page is left.
 *
 * @param {string} url
 * @param {Record<string, (data: any) => void>} handlers by the event's name
 * @param {() => void} onSilence called once when the stream broke off or fell silent, until it is heard again
 * @returns {() => void} stops listening
 */
export function listen(url, handlers, onSilence) {
  const source = new EventSource(url);
  let timer = 0;
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
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => {
      heard();
      handle(JSON.parse(event.data));
    });
  }
  source.addEventListener('error', silence);
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
