import { byId } from './dom.js';
import { showDoors } from './doors-view.js';
import { listen } from './feed.js';
import { fillWords, words } from './language.js';
import { addToLedger } from './ledger-view.js';
import { prepareTop, showTop } from './top-view.js';

/**
 * Shows the gateway's doors, its ledger and what it says of itself, live.
 *
 * @param {(event: any) => void} [onEvent] called with every event of the ledger, after it is shown
 */
export function showVenue(onEvent) {
  fillWords(words);
  prepareTop();
  const doors = byId('doors');
  listen(
    '/api/events',
    {
      state: (state) => {
        showTop(state);
        showDoors(doors, state.doors);
      },
      ledger: (event) => {
        byId('ledger-empty').hidden = true;
        addToLedger(byId('ledger'), event);
        onEvent?.(event);
      },
    },
    () => {
      showTop(null);
      showDoors(doors, null);
    },
  );
}
